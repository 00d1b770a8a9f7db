import { get, post, queuePath, queueView } from '../api.js';
import { endedChart, mostEnded } from '../charts.js';
import { attempt } from '../dialogs.js';
import { h } from '../dom.js';
import { ago, clock, count, duration, many, percent } from '../format.js';
import { badge, button, empty, facts, moment, states } from '../parts.js';

const changesShown = 10;
const notifications = 'message-notification';

/** All queues at a glance. */
export default function overview({ settings, reload }) {
  let metrics = null;
  let health = null;
  let history = null;
  let workers = null;
  let changes = [];
  let providers = null;

  async function load() {
    [metrics, health, history, workers, { changes }, providers] = await Promise.all([
      get('/queue/metrics'), get('/queue/health'), get('/queue/history'), get('/queue/workers'), get(`/queue/health/history?limit=${changesShown}`),
      // It comes from a service behind the gateway; the rest does not wait for one that is away.
      Promise.race([get(queuePath(notifications, '/providers')), new Promise(resolve => setTimeout(resolve, 1000))]),
    ]);
  }

  const setPause = (queue, paused) => attempt(async () => {
    await post(queuePath(queue, paused ? '/pause' : '/resume'));
    await reload();
    return [`${queue} is ${paused ? 'paused: what runs goes on, no other job begins' : 'running again'}.`, { undo: () => setPause(queue, !paused) }];
  });

  function card(queue) {
    const past = history.queues[queue.name];
    const status = health.queues[queue.name]?.status ?? 'unhealthy';
    return h('section', { class: 'card', key: queue.name, 'data-row': true, 'aria-labelledby': `queue-${queue.name}` },
      h('div', { class: 'row spread' },
        h('h2', { id: `queue-${queue.name}` }, h('a', { href: queueView(queue.name) }, queue.name)),
        h('div', { class: 'row' },
          queue.isPaused && badge('paused'),
          h('span', { class: `badge ${status}` }, status))),
      endedChart(past.minutes, queue.name),
      h('p', { class: 'soft under' }, `Last hour: ${many(ended(past), 'job')}, at most ${count(mostEnded(past.minutes))} a minute, ${percent(queue.failureRate)} failed`),
      h('ul', { class: 'counts' }, states.filter(state => state !== 'paused' || queue.isPaused).map(state =>
        h('li', {}, h('a', { href: queueView(queue.name, `?state=${state}`), class: state === 'failed' && queue.failed > 0 ? 'failed' : null },
          h('strong', {}, count(queue[state])), ' ', state)))),
      facts([
        ['Took (p50)', duration(past.p50)],
        ['Took (p95)', duration(past.p95)],
        ['Oldest waiting', queue.oldestWaitingAt ? ago(queue.oldestWaitingAt) : '–'],
      ]),
      h('div', { class: 'row spread' }, workersOf(workers.queues[queue.name]), button(queue.isPaused ? 'Resume' : 'Pause', () => setPause(queue.name, !queue.isPaused),
        { needs: 'operator', 'aria-label': `${queue.isPaused ? 'Resume' : 'Pause'} ${queue.name}` })));
  }

  const healthChanges = () => h('section', { key: 'health', class: 'past', 'aria-labelledby': 'health-changes' },
    h('h2', { id: 'health-changes' }, 'Changes of health'),
    changes.length === 0 ? empty('Nothing has been wrong.') : h('ul', { class: 'plain' }, changes.map(change =>
      h('li', { class: 'row', key: change.component + change.at }, badge(change.status),
        metrics.queues[change.component] ? h('a', { href: queueView(change.component) }, change.component) : change.component,
        h('span', { class: 'grow' }, change.reason), moment(change.at)))));

  function render() {
    if (!metrics) return h('p', {}, 'Loading …');
    const queues = settings.queues.map(queue => metrics.queues[queue.name]).filter(Boolean);
    const found = [...queues.flatMap(queue => alertsOf(queue, history.queues[queue.name], settings.alerts)), ...providerAlerts(providers)];
    return [
      h('h1', {}, 'Overview'),
      h('ul', { class: 'totals', 'aria-label': 'All queues' }, states.map(state =>
        h('li', { class: state }, state === 'failed' && metrics.totals.failed > 0
          ? h('a', { href: '/dead-letters', title: 'Why they failed, and replaying them' }, h('strong', {}, count(metrics.totals.failed)), h('span', {}, 'failed'))
          : [h('strong', {}, count(metrics.totals[state])), h('span', {}, state)]))),
      h('section', { key: 'alerts', 'aria-label': 'Alerts', class: found.length > 0 ? 'alert' : 'alert calm' },
        found.length === 0 ? calm(metrics.totals.failed) : h('ul', {}, found.map(alert =>
          h('li', { key: alert.queue + alert.text }, h('a', { href: alert.href }, alert.queue), ` ${alert.text}`)))),
      h('div', { class: 'cards', key: 'cards' }, queues.map(card)),
      healthChanges(),
    ];
  }

  return { title: 'Overview', load, render };
}

const ended = past => past.minutes.reduce((sum, minute) => sum + minute.completed + minute.failed, 0);

const workersOf = ({ workers, slots, slotsInUse, slotsStuck }) => workers.length === 0
  ? h('span', { class: 'error' }, 'No worker: its service is not running.')
  : h('span', { class: slotsStuck > 0 ? 'error' : 'soft', title: workers.map(describeWorker).join('\n') },
    `${many(workers.length, 'worker')}, ${count(slotsInUse)} of ${many(slots, 'slot')} in use${slotsStuck > 0 ? `, ${count(slotsStuck)} stuck` : ''}`);

const describeWorker = worker =>
  `${worker.id}: ${worker.slotsInUse} of ${worker.slots}${worker.slotsStuck > 0 ? `, ${worker.slotsStuck} with a handler that does not stop` : ''}`;

const calm = failed => failed === 0 ? 'Nothing needs attention.'
  : ['Every queue is within its limits. ', h('a', { href: '/dead-letters' }, many(failed, 'failed job')), ` ${failed === 1 ? 'can' : 'can all'} be looked at and replayed.`];

/** Providers that are away, and channels that reach nobody since a setting was forgotten. */
const providerAlerts = known => [
  ...(known?.providers ?? []).filter(provider => provider.isAway).map(provider =>
    `waits for its provider ${provider.provider}, away for ${duration((Date.now() - Date.parse(provider.openSince)))}: ${many(provider.waiting, 'notification')} ${provider.waiting === 1 ? 'waits' : 'wait'}`
    + `${provider.nextTry ? `, the next try is at ${clock(provider.nextTry)}` : ''}`),
  ...(known?.warnings ?? []),
].map(text => ({ queue: notifications, text, href: queueView(notifications, '?state=delayed') }));

function alertsOf(queue, past, limits) {
  const stalled = past.minutes.reduce((sum, minute) => sum + minute.stalled, 0);
  const failed = queueView(queue.name, '?state=failed');
  return [
    queue.failureRate > limits.failureRate && [`fails ${percent(queue.failureRate)} of its jobs (limit ${percent(limits.failureRate)})`, failed],
    queue.failed > limits.failed && [`has ${many(queue.failed, 'failed job')} (limit ${count(limits.failed)})`, failed],
    queue.waiting > limits.waiting && [`has ${count(queue.waiting)} jobs waiting (limit ${count(limits.waiting)})`, queueView(queue.name, '?state=waiting')],
    stalled > limits.stalled && [`had ${count(stalled)} stalled attempts in the last hour (limit ${count(limits.stalled)})`, queueView(queue.name)],
    queue.isPaused && ['is paused', queueView(queue.name, '?state=paused')],
  ].filter(Boolean).map(([text, href]) => ({ queue: queue.name, text, href }));
}
