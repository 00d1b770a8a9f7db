import { forEach, get, jobPath, jobView, post, queuePath, queueView, remove } from '../api.js';
import { ask, attempt, notify } from '../dialogs.js';
import { h } from '../dom.js';
import { count, many } from '../format.js';
import { button, empty, kindOf, moment, select } from '../parts.js';
import { retryMany } from '../retrying.js';

const mostPerQueue = 1000;
const rates = [['0', 'at once'], ['50', '50 a second'], ['10', '10 a second'], ['1', '1 a second']];
const shownOfGroup = 20;

/** Jobs that failed for good, by why. */
export default function deadLetters({ query, settings, draw, reload }) {
  const only = query.get('queue');
  const selected = new Set();
  let failed = null;
  let total = 0;
  let rate = 0;
  let replay = null;
  let isClosed = false;

  async function load() {
    const { queues } = await get('/queue/metrics');
    const names = Object.values(queues).filter(queue => queue.failed > 0 && (!only || queue.name === only)).map(queue => queue.name);
    total = names.reduce((sum, name) => sum + queues[name].failed, 0);
    failed = (await Promise.all(names.map(name => get(queuePath(name, `/failed?limit=${mostPerQueue}&data=false`))))).flat();
    const keys = new Set(failed.map(keyOf));
    for (const key of selected) if (!keys.has(key)) selected.delete(key);
  }

  // A provider that has just come back should not be met by everything at once.
  const retry = (jobs, what) => attempt(async () => {
    if (replay) return ['A replay is running; stop it first, or wait for it.', { isProblem: true }];
    const speed = rates.find(([value]) => Number(value) === rate)[1];
    if (jobs.length > 1 && !await ask({ title: `Replay ${many(jobs.length, 'job')}?`, text: `${withoutStop(what)}: they wait again, ${speed}, with all their attempts before them.`, action: 'Replay' })) return null;
    if (rate === 0) {
      for (const job of jobs) selected.delete(keyOf(job));
      return retryMany(byQueue(jobs), jobs.length > 1 ? settings.undoSeconds : 0, reload);
    }
    replay = { done: 0, of: jobs.length };
    let retried = 0;
    for (let from = 0; from < jobs.length && replay && !isClosed; from += rate) {
      const some = jobs.slice(from, from + rate);
      for (const [queue, ids] of byQueue(some)) retried += (await post(queuePath(queue, '/failed/retry'), { jobIds: ids })).retried;
      if (!replay) break;
      replay.done += some.length;
      draw();
      if (replay.done < jobs.length) await new Promise(resolve => setTimeout(resolve, 1000));
    }
    await reload();
    return `${many(retried, 'job waits', 'jobs wait')} again.`;
  }).finally(() => {
    replay = null;
    draw();
  });

  const discard = (jobs, what) => attempt(async () => {
    const reason = h('input', { type: 'text', required: true, maxlength: '200', autocomplete: 'off' });
    const content = h('label', { class: 'field' }, 'Why, for the audit log (no patient data)', reason);
    const text = `${withoutStop(what)}: ${jobs.length === 1 ? 'its record goes' : 'their records go'} for good; what ${jobs.length === 1 ? 'it was' : 'they were'} to do is not done.`;
    if (!await ask({ title: `Discard ${many(jobs.length, 'job')}?`, text, content, action: 'Discard', isDangerous: true })) return null;
    const why = `?reason=${encodeURIComponent(reason.value.trim())}`;
    const { done, problem } = await forEach(jobs, job => remove(jobPath(job.queueName, job.jobId, why)));
    selected.clear();
    await reload();
    if (problem) notify(`${many(jobs.length - done, 'job')} not discarded: ${problem.message}`, { isProblem: true });
    return done > 0 && `${many(done, 'job')} discarded.`;
  });

  function toggle(jobs) {
    const keys = jobs.map(keyOf);
    const isOn = keys.every(key => selected.has(key));
    for (const key of keys) {
      if (isOn) selected.delete(key);
      else selected.add(key);
    }
    draw();
  }

  const item = job => h('li', { key: keyOf(job), class: 'row' },
    h('input', { type: 'checkbox', checked: selected.has(keyOf(job)), onchange: () => toggle([job]), 'aria-label': `Select ${job.jobId}` }),
    h('a', { href: jobView(job.queueName, job.jobId), class: 'grow' }, job.jobId),
    h('span', {}, moment(job.failedAt)),
    button('Replay', () => retry([job], job.jobId), { 'aria-label': `Replay ${job.jobId}` }));

  const group = ({ key, queue, text, jobs }) => h('section', { class: 'card group', key, 'data-row': true, 'aria-label': `${queue}: ${text}` },
    h('div', { class: 'row spread' },
      h('div', { class: 'reason' },
        h('input', { type: 'checkbox', checked: jobs.every(job => selected.has(keyOf(job))), onchange: () => toggle(jobs), 'aria-label': `Select all of ${queue}: ${text}` }),
        h('h2', { class: 'error' }, text)),
      h('span', { class: 'badge failed' }, count(jobs.length))),
    h('p', { class: 'row spread' },
      h('span', { class: 'grow' }, h('a', { href: queueView(queue, '?state=failed') }, queue), ` · ${kindOf(jobs[0].error)} · `, jobs.length > 1 && 'last ', moment(jobs[0].failedAt)),
      h('span', { class: 'row' },
        button(jobs.length > 1 ? 'Replay group' : 'Replay', () => retry(jobs, text), { 'aria-label': jobs.length > 1 ? `Replay group of ${queue}: ${text}` : `Replay ${jobs[0].jobId}` }),
        button('Discard …', () => discard(jobs, text), { class: 'danger', 'aria-label': jobs.length > 1 ? `Discard group of ${queue}: ${text}` : `Discard ${jobs[0].jobId}` }))),
    jobs.length === 1 ? h('p', { class: 'only' }, h('a', { href: jobView(queue, jobs[0].jobId) }, jobs[0].jobId)) : h('details', {}, h('summary', {}, many(jobs.length, 'job')),
      h('ul', { class: 'plain' }, jobs.slice(0, shownOfGroup).map(item)),
      jobs.length > shownOfGroup && h('p', {}, h('a', { href: queueView(queue, '?state=failed') }, `All ${count(jobs.length)} in the queue`))));

  function render() {
    if (!failed) return h('h1', {}, 'Dead letters');
    const groups = grouped(failed);
    const chosen = failed.filter(job => selected.has(keyOf(job)));
    return [
      h('div', { class: 'row spread', key: 'head' },
        h('h1', {}, 'Dead letters'),
        h('div', { class: 'row' },
          only && h('a', { class: 'button', href: '/dead-letters' }, `Only ${only} ×`),
          select('Replay speed', String(rate), rates, value => { rate = Number(value); draw(); }))),
      h('p', { key: 'sum' }, `${many(total, 'failed job')}, ${many(groups.length, 'reason')}.`, total > failed.length && ` The newest ${count(failed.length)} are looked at.`),
      replay && h('p', { class: 'row', key: 'replay', role: 'status' }, h('progress', { max: String(replay.of), value: replay.done, 'aria-label': 'Replay' }), `${count(replay.done)} of ${count(replay.of)}`,
        button('Stop', () => { replay = null; })),
      chosen.length > 0 && h('div', { class: 'row bulk', key: 'bulk', role: 'group', 'aria-label': 'Selected jobs' },
        h('strong', {}, `${many(chosen.length, 'job')} selected`),
        button('Replay selected', () => retry(chosen, 'The selected ones')),
        button('Discard selected', () => discard(chosen, 'The selected ones'), { class: 'danger' })),
      groups.length === 0 ? empty('No job has failed for good.') : groups.map(group),
    ];
  }

  return { title: 'Dead letters', load, render, close: () => { isClosed = true; }, ignores: change => change.kind === 'state' && !['failed', 'waiting', 'paused'].includes(change.state) };
}

const withoutStop = text => text.replace(/\.$/, '');

const keyOf = job => `${job.queueName}/${job.jobId}`;

function byQueue(jobs) {
  const ids = new Map();
  for (const job of jobs) ids.set(job.queueName, [...ids.get(job.queueName) ?? [], job.jobId]);
  return ids;
}

// Two errors that differ in an id or a number only have one reason.
const reasonOf = error => (error?.message ?? 'No error on record')
  .replace(/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/gi, '…')
  .replace(/\d+/g, '#');

function grouped(jobs) {
  const groups = new Map();
  for (const job of jobs) {
    const key = `${job.queueName}/${job.error?.code}/${reasonOf(job.error)}`;
    if (!groups.has(key)) groups.set(key, { key, queue: job.queueName, text: job.error?.message ?? 'No error on record', jobs: [] });
    groups.get(key).jobs.push(job);
  }
  return [...groups.values()].sort((one, other) => other.jobs.length - one.jobs.length);
}
