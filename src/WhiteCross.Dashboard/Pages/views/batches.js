import { get, getIfThere, jobPath, jobView, post, queuePath } from '../api.js';
import { ask, attempt } from '../dialogs.js';
import { h } from '../dom.js';
import { count } from '../format.js';
import { badge, button, empty, facts, moment } from '../parts.js';

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
    // A paused batch's job is delayed; so is one's that has not begun: it is not asked for again before it is active.
    const running = jobs.filter(job => job.state === 'active' || (job.state === 'delayed' && !untold.has(job.jobId)));
    const found = await Promise.all(running.map(job => getIfThere(`/batches/find?limit=0&jobId=${encodeURIComponent(job.jobId)}`).catch(() => null)));
    details.clear();
    running.forEach((job, i) => {
      if (found[i]) details.set(job.jobId, found[i]);
      else untold.add(job.jobId);
    });
    for (const job of jobs) if (job.state === 'active') untold.delete(job.jobId);
  }

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
      statusOf(job) !== 'suspended' && button('Pause', () => act(job, 'pause', 'is paused'), { 'aria-label': `Pause batch ${job.jobId}`, key: 'pause' }),
      (statusOf(job) ?? 'suspended') === 'suspended' && button('Resume', () => act(job, 'resume', 'goes on'), { 'aria-label': `Resume batch ${job.jobId}`, key: 'resume' }),
    ],
    button('Cancel', () => cancel(job), { class: 'danger', 'aria-label': `Cancel batch ${job.jobId}`, key: 'cancel' }));

  // Whatever numbers the batch tells of itself.
  const numbers = job => Object.entries(details.get(job.jobId) ?? {}).filter(([, value]) => typeof value === 'number').map(([name, value]) => [words(name), count(value)]);

  const card = job => h('section', { class: 'card', key: job.jobId, 'data-row': true, 'aria-label': `Batch ${job.jobId}` },
    h('div', { class: 'row spread' }, h('h2', {}, h('a', { href: jobView(queue, job.jobId) }, job.jobId)), badge(statusOf(job) === 'suspended' ? 'paused' : job.state)),
    h('p', { class: 'progress' },
      h('progress', { max: '100', value: job.state === 'completed' ? 100 : job.progress.percentage, 'aria-label': `Progress of ${job.jobId}` }),
      ` ${Math.round(job.state === 'completed' ? 100 : job.progress.percentage)} %`,
      job.progress.totalSteps && ` · chunk ${count(job.progress.currentStep)} of ${count(job.progress.totalSteps)}`,
      job.progress.step && ` · ${job.progress.step}`),
    job.error && h('p', { class: 'error' }, job.error.message),
    facts([['Added', moment(job.createdAt)], ['Began', moment(job.startedAt)], ['Ended', moment(job.finishedAt)], ...numbers(job)]),
    controls(job));

  const render = () => [
    h('h1', {}, 'Batches'),
    jobs && (jobs.length > 0 ? h('div', { class: 'cards', key: 'cards' }, jobs.map(card)) : empty('No batches on record.')),
  ];

  // Progress is no change of state, which is all that is pushed.
  const atLeastEvery = () => jobs?.some(job => job.state === 'active') ? 2000 : Infinity;

  return { title: 'Batches', load, render, atLeastEvery, ignores: change => change.queue !== queue };
}

const words = name => name.replace(/([A-Z])/g, ' $1').replace(/^./, letter => letter.toUpperCase()).toLowerCase().replace(/^./, letter => letter.toUpperCase());
