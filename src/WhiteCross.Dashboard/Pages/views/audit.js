import { get } from '../api.js';
import { h } from '../dom.js';
import { dateTime } from '../format.js';
import { empty, select } from '../parts.js';

const limits = [['100', 'the newest 100'], ['1000', 'the newest 1,000']];

/** What was done, looked at and refused, by whom. */
export default function audit({ draw, reload }) {
  let entries = null;
  let whole = null;
  let limit = limits[0][0];
  let text = '';

  async function load() {
    [{ entries }, whole] = await Promise.all([get(`/queue/audit?limit=${limit}`), whole ?? get('/queue/audit/verify')]);
  }

  const matches = entry => text === '' || JSON.stringify(entry).toLowerCase().includes(text.toLowerCase());

  const row = (entry, at) => h('tr', { key: `${entry.at} ${at}`, 'data-row': true },
    h('th', { scope: 'row' }, h('time', { datetime: entry.at }, dateTime(entry.at))),
    h('td', { 'data-name': 'Who' }, entry.who, h('small', {}, entry.from ?? '')),
    h('td', { 'data-name': 'What' }, entry.action, h('small', {}, entry.asked ?? '')),
    h('td', { 'data-name': 'Of' }, entry.queue ?? '–', h('small', {}, entry.target ?? '')),
    h('td', { 'data-name': 'Count' }, entry.count ?? '–'),
    h('td', { 'data-name': 'Outcome', class: entry.outcome?.startsWith('refused') ? 'error' : null }, entry.outcome ?? '–'),
    h('td', { 'data-name': 'Why' }, entry.reason ?? '–'));

  function render() {
    if (!entries) return h('h1', {}, 'Audit log');
    const found = entries.filter(matches);
    return [
      h('div', { class: 'row spread', key: 'head' }, h('h1', {}, 'Audit log'), select('Show', limit, limits, value => { limit = value; reload(); })),
      h('p', { key: 'whole', class: whole.isWhole ? null : 'alert problem' }, whole.isWhole ? 'The log is whole: nothing is missing, inserted or changed.' : whole.problem),
      h('search', { class: 'row filters', key: 'filters' }, h('label', { class: 'field grow' }, 'Contains', h('input', { type: 'search', value: text, oninput: event => { text = event.target.value.trim(); draw(); } }))),
      found.length === 0 ? empty('No entry.') : h('div', { class: 'wide', key: 'table', role: 'region', 'aria-label': 'Entries', tabindex: '0' }, h('table', { class: 'jobs' },
        h('thead', {}, h('tr', {}, ['When', 'Who', 'What', 'Of', 'Count', 'Outcome', 'Why'].map(name => h('th', { scope: 'col' }, name)))),
        h('tbody', {}, found.map(row)))),
    ];
  }

  return { title: 'Audit log', load, render, ignores: () => true };
}
