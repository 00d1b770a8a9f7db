import { get, jobView, queueView } from '../api.js';
import { h } from '../dom.js';
import { dateTime, many } from '../format.js';
import { badge, empty, moment, select } from '../parts.js';

const criteria = [['messageId', 'message'], ['recipientId', 'recipient'], ['conversationId', 'conversation'], ['senderId', 'sender'], ['batchId', 'batch'], ['jobId', 'job id'], ['tag', 'tag']];

/** Jobs of all queues by what they are about, and what became of them, in the order in which it happened. */
export default function find({ query, go }) {
  let by = criteria.some(([name]) => name === query.get('by')) ? query.get('by') : criteria[0][0];
  const value = query.get('value') ?? '';
  let typed = value;
  let found = null;

  async function load() {
    found = value ? await get(`/queue/jobs?${new URLSearchParams({ [by]: value })}`) : null;
  }

  const search = event => {
    event.preventDefault();
    if (typed.trim()) go(`/find?${new URLSearchParams({ by, value: typed.trim() })}`);
  };

  const row = job => h('tr', { key: `${job.queue}/${job.jobId}`, 'data-row': true },
    h('th', { scope: 'row' }, h('a', { href: jobView(job.queue, job.jobId) }, job.jobId), h('small', {}, job.type || 'no type')),
    h('td', { 'data-name': 'Queue' }, h('a', { href: queueView(job.queue) }, job.queue)),
    h('td', { 'data-name': 'State' }, badge(job.state)),
    h('td', { 'data-name': 'Added' }, moment(job.createdAt)),
    h('td', { 'data-name': 'Ended' }, moment(job.finishedAt)),
    h('td', { 'data-name': 'Error', class: 'error' }, job.error?.message ?? ''));

  const happened = event => h('li', { key: `${event.at} ${event.job.jobId} ${event.text}`, class: event.kind },
    h('time', { datetime: event.at }, dateTime(event.at)), ` ${event.job.type} ${event.text} `, h('a', { href: jobView(event.job.queue, event.job.jobId) }, event.job.queue),
    event.error && h('p', { class: 'error' }, event.error));

  function render() {
    const events = (found?.jobs ?? []).flatMap(eventsOf).sort((one, other) => one.at < other.at ? -1 : 1);
    return [
      h('h1', { key: 'head' }, 'Find'),
      h('form', { key: 'form', role: 'search', class: 'row filters', onsubmit: search },
        select('By', by, criteria, chosen => { by = chosen; }),
        h('label', { class: 'field grow' }, 'Id or tag', h('input', { type: 'search', value, required: true, oninput: event => { typed = event.target.value; } })),
        h('button', { type: 'submit', class: 'primary' }, 'Find')),
      !found && h('p', { key: 'hint' }, 'Looks in all queues. What jobs are about is not shown; it is found by hashes of it.'),
      found && (found.jobs.length === 0 ? empty('No job on record is about that.') : [
        h('p', { key: 'count' }, `${many(found.jobs.length, 'job')}${found.hasMore ? ', and more' : ''}.`),
        h('div', { class: 'wide', key: 'table', role: 'region', 'aria-label': 'Jobs', tabindex: '0' }, h('table', { class: 'jobs' },
          h('thead', {}, h('tr', {}, ['Job', 'Queue', 'State', 'Added', 'Ended', 'Error'].map(name => h('th', { scope: 'col' }, name)))),
          h('tbody', {}, found.jobs.map(row)))),
        h('section', { key: 'timeline', 'aria-labelledby': 'timeline' }, h('h2', { id: 'timeline' }, 'What happened'), h('ol', { class: 'timeline' }, events.map(happened))),
      ]),
    ];
  }

  return { title: 'Find', load, render };
}

const eventsOf = job => [
  { at: job.createdAt, text: 'was added to', job },
  ...job.attempts.map(attempt => attempt.error
    ? { at: attempt.finishedAt, text: `failed in attempt ${attempt.number} in`, kind: 'failed', error: attempt.error.message, job }
    : { at: attempt.finishedAt, text: `completed attempt ${attempt.number} in`, kind: 'completed', job }),
  job.state === 'active' && { at: job.startedAt, text: 'runs in', kind: 'running', job },
  job.state === 'delayed' && job.nextAttemptAt && { at: job.nextAttemptAt, text: 'is due in', job },
  job.finishedAt && job.attempts.length === 0 && { at: job.finishedAt, text: `${job.state} in`, kind: job.state, error: job.error?.message, job },
].filter(Boolean);
