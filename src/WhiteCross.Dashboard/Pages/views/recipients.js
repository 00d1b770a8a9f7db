import { get, jobView } from '../api.js';
import { h } from '../dom.js';
import { count } from '../format.js';
import { badge, empty, facts } from '../parts.js';

const states = [['all', 'all'], ['failed', 'not delivered'], ['notSent', 'not sent'], ['onTheWay', 'on the way'], ['delivered', 'delivered']];
const shades = { failed: 'failed', delivered: 'completed', onTheWay: 'active', notSent: 'delayed' };
const onPage = 100;

/** The recipients of a batch: who got it, who did not and why. */
export default function recipients({ params, query }) {
  const state = states.some(([known]) => known === query.get('state')) ? query.get('state') : 'all';
  const address = (changes = {}) => {
    const next = new URLSearchParams({ state, ...changes });
    return `/recipients/${encodeURIComponent(params.id)}?${next}`;
  };
  let batch = null;
  let page = null;

  async function load() {
    const wanted = new URLSearchParams({ state, limit: onPage, ...query.get('cursor') && { cursor: query.get('cursor') } });
    [batch, page] = await Promise.all([get(`/batches/${encodeURIComponent(params.id)}?limit=0`), get(`/batches/${encodeURIComponent(params.id)}/recipients?${wanted}`)]);
  }

  const row = recipient => h('tr', { key: recipient.recipientId, 'data-row': true },
    h('th', { scope: 'row' }, recipient.state === 'notSent' ? recipient.recipientId : h('a', { href: jobView('message-delivery', recipient.jobId) }, recipient.recipientId)),
    h('td', { 'data-name': 'State' }, h('span', { class: `badge ${shades[recipient.state] ?? ''}` }, states.find(([known]) => known === recipient.state)?.[1] ?? recipient.state)),
    h('td', { 'data-name': 'Why', class: 'error' }, recipient.error ?? ''));

  function render() {
    if (!page) return h('h1', {}, 'Recipients');
    return [
      h('p', { class: 'crumbs', key: 'crumbs' }, h('a', { href: '/batches' }, 'Batches'), ' / ', h('a', { href: jobView('batch-message-sending', batch.jobId) }, batch.jobId)),
      h('h1', { key: 'head' }, 'Recipients ', badge(batch.status)),
      facts([['Recipients', count(batch.recipientCount)], ['Sent', count(batch.processedCount)], ['On the way', count(batch.onTheWay)], ['Delivered', count(batch.delivered)], ['Not delivered', count(batch.failed)]]),
      h('nav', { class: 'tabs', key: 'tabs', 'aria-label': 'States' }, states.map(([known, text]) => h('a', { href: address({ state: known }), 'aria-current': known === state ? 'page' : null }, text))),
      page.recipients.length === 0 ? empty('No recipients.') : h('div', { class: 'wide', key: 'table', role: 'region', 'aria-label': 'Recipients', tabindex: '0' }, h('table', { class: 'jobs' },
        h('thead', {}, h('tr', {}, ['Recipient', 'State', 'Why'].map(name => h('th', { scope: 'col' }, name)))),
        h('tbody', {}, page.recipients.map(row)))),
      h('div', { class: 'row end', key: 'pages' },
        query.get('cursor') && h('a', { class: 'button', href: address() }, 'First'),
        page.nextCursor && h('a', { class: 'button', href: address({ cursor: page.nextCursor }) }, 'Next')),
    ];
  }

  return { title: 'Recipients', load, render, ignores: change => !['message-delivery', 'batch-message-sending'].includes(change.queue) };
}
