import { get, getIfThere, jobPath, jobView, post, queuePath } from '../api.js';
import { ask, attempt } from '../dialogs.js';
import { h } from '../dom.js';
import { count } from '../format.js';
import { badge, button, empty, facts, moment, progressOf } from '../parts.js';

const queue = 'batch-message-sending';
const shown = 30;
const ended = ['completed', 'failed'];

/** Batches and how far they are. */
export default function batches({ reload }) {
  let jobs = null;
  const details = new Map();
  const untold = new Set();

  async function load() {
    jobs = (await get(queuePath(queue, `/jobs?limit=${shown}&data=false`))).jobs;
    const moving = jobs.filter(isMoving);
    const found = await Promise.all(moving.map(job => getIfThere(`/batches/find?limit=0&jobId=${encodeURIComponent(job.jobId)}`).catch(() => null)));
    moving.forEach((job, i) => {
      if (found[i]) details.set(job.jobId, found[i]);
      else details.delete(job.jobId);
      if (found[i] || job.state === 'active') untold.delete(job.jobId);
      else untold.add(job.jobId);
    });
  }

  // A paused batch's job is delayed; so is one's that has not begun: it is not asked for again before it is active. What has ended is asked for until
  // nothing of it is on the way.
  const isMoving = job => job.state === 'active' || (['delayed', ...ended].includes(job.state) && !untold.has(job.jobId)
    && !(ended.includes(job.state) && details.get(job.jobId)?.endedAt && details.get(job.jobId).onTheWay === 0));

  const act = (job, action, done) => attempt(async () => {
    await post(jobPath(queue, job.jobId, `/${action}`));
    await reload();
    return `Batch ${job.jobId} ${done}.`;
  });

  const cancel = async job => {
    const text = 'What has been handed over for sending is sent; the rest is not.';
    if (await ask({ title: 'Cancel this batch?', text, action: 'Cancel batch', isDangerous: true })) await act(job, 'cancel', 'is cancelled');
  };

  // Where it is not known whether a batch is paused, both are offered.
  const statusOf = job => details.get(job.jobId)?.workflow?.status;

  const controls = job => !ended.includes(job.state) && h('div', { class: 'row end' },
    (job.state === 'active' || statusOf(job)) && [
      statusOf(job) !== 'suspended' && button('Pause', () => act(job, 'pause', 'is paused'), { needs: 'operator', 'aria-label': `Pause batch ${job.jobId}`, key: 'pause' }),
      (statusOf(job) ?? 'suspended') === 'suspended' && button('Resume', () => act(job, 'resume', 'goes on'), { needs: 'operator', 'aria-label': `Resume batch ${job.jobId}`, key: 'resume' }),
    ],
    button('Cancel', () => cancel(job), { needs: 'operator', class: 'danger', 'aria-label': `Cancel batch ${job.jobId}`, key: 'cancel' }));

  const numbers = job => Object.entries(words).map(([name, word]) => [word, details.get(job.jobId)?.[name]]).filter(([, number]) => number !== undefined)
    .map(([word, number]) => [word, count(number)]);

  const card = job => h('section', { class: 'card', key: job.jobId, 'data-row': true, 'aria-label': `Batch ${job.jobId}` },
    h('div', { class: 'row spread' }, h('h2', {}, h('a', { href: jobView(queue, job.jobId) }, job.jobId)), badge(!ended.includes(job.state) && statusOf(job) === 'suspended' ? 'paused' : job.state)),
    progressOf(job.state === 'completed' ? { ...job.progress, percentage: 100 } : job.progress, 'chunk', `Progress of ${job.jobId}`),
    job.error && h('p', { class: 'error' }, job.error.message),
    facts([['Added', moment(job.createdAt)], ['Began', moment(job.startedAt)], ['Ended', moment(job.finishedAt)], ...numbers(job)]),
    details.get(job.jobId) && h('p', {}, h('a', { href: `/recipients/${details.get(job.jobId).batchId}`, 'aria-label': `Recipients of ${job.jobId}` }, 'Recipients')),
    controls(job));

  const render = () => [
    h('h1', {}, 'Batches'),
    jobs && (jobs.length > 0 ? h('div', { class: 'cards', key: 'cards' }, jobs.map(card)) : empty('No batches on record.')),
  ];

  // Progress is no change of state, which is all that is pushed.
  const atLeastEvery = () => jobs?.some(job => job.state === 'active') ? 2000 : Infinity;

  return { title: 'Batches', load, render, atLeastEvery, ignores: change => change.queue !== queue };
}

const words = { recipientCount: 'Recipients', processedCount: 'Sent', onTheWay: 'On the way', delivered: 'Delivered', failed: 'Not delivered' };
