import { forEach, get, jobPath, jobView, post, queuePath, queueView, remove } from '../api.js';
import { plot } from '../charts.js';
import { ask, attempt, notify } from '../dialogs.js';
import { h } from '../dom.js';
import { ago, between, count, duration, many, percent } from '../format.js';
import { badge, button, empty, facts, moment, select, states } from '../parts.js';
import { retryMany } from '../retrying.js';
import { may } from '../role.js';

const onPage = ['20', '50', '100', '200'];
const hour = 3600e3;
const spans = { '15min': 15 * 60e3, '1h': hour, '24h': 24 * hour, '7d': 7 * 24 * hour };
const chartSpans = [['', 'an hour'], ['6h', '6 hours'], ['24h', 'a day'], ['7d', 'a week']];
const chartIsFresh = 15e3; // Its smallest step is a minute.
const priorities = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'];

// What can be done with several jobs at once, by the state they are listed in.
const bulkActions = {
  failed: ['retry', 'remove'], completed: ['remove'], delayed: ['promote', 'cancel', 'remove'], waiting: ['cancel', 'remove'], paused: ['cancel', 'remove'], active: ['cancel'],
};
const actions = {
  retry: { name: 'Retry', needs: 'operator' },
  promote: { name: 'Promote', needs: 'operator', done: 'due now', run: (queue, id) => post(jobPath(queue, id, '/promote')) },
  cancel: { name: 'Cancel', needs: 'operator', done: 'cancelled', isDangerous: true, text: 'They fail as cancelled; running ones are told to stop.', run: (queue, id) => post(jobPath(queue, id, '/cancel')) },
  remove: { name: 'Remove', needs: 'admin', done: 'removed', isDangerous: true, text: 'Their records go for good.', run: (queue, id) => remove(jobPath(queue, id)) },
};

/** One queue's jobs. Filters and place are in the address. */
export default function queue({ params, query, settings, go, draw, reload }) {
  const name = params.queue;
  const state = states.includes(query.get('state')) ? query.get('state') : null;
  const types = settings.queues.find(known => known.name === name)?.types ?? [];
  const selected = new Set();
  let metrics = null;
  let trend = null;
  let trendRead = 0;
  let page = null;
  let typing = null;
  let typed = query.get('text');

  async function load() {
    const wanted = new URLSearchParams({ limit: onPage.includes(query.get('limit')) ? query.get('limit') : '50', data: false });
    for (const key of ['state', 'type', 'priority', 'text', 'cursor', 'cause']) if (query.get(key)) wanted.set(key, query.get(key));
    const span = spans[query.get('since')];
    if (span) wanted.set('from', new Date(Date.now() - span).toISOString());
    const isFresh = Date.now() - trendRead < chartIsFresh;
    [metrics, trend, page] = await Promise.all([
      get(queuePath(name, '/metrics')), isFresh ? trend : get(queuePath(name, `/trend?span=${query.get('span') ?? '1h'}`)), get(queuePath(name, `/jobs?${wanted}`))]);
    if (!isFresh) trendRead = Date.now();
    for (const id of selected) if (!page.jobs.some(job => job.jobId === id)) selected.delete(id);
  }

  function show(changes, options) {
    const next = new URLSearchParams(query);
    next.delete('cursor');
    // What is still being typed counts, whatever else is chosen.
    for (const [key, value] of Object.entries({ text: typed, ...changes })) {
      if (value) next.set(key, value);
      else next.delete(key);
    }
    return go(queueView(name, next.size > 0 ? `?${next}` : ''), options);
  }

  const setPause = paused => attempt(async () => {
    await post(queuePath(name, paused ? '/pause' : '/resume'));
    await reload();
    return [`${name} is ${paused ? 'paused: what runs goes on, no other job begins' : 'running again'}.`, { undo: () => setPause(!paused) }];
  });

  const retryAll = () => attempt(async () => {
    const { failed } = await get(queuePath(name, '/metrics'));
    if (!await ask({ title: `Retry all ${many(failed, 'failed job')}?`, text: `Each of them waits again in ${name}, with all its attempts before it.`, action: 'Retry all' })) return;
    await retryMany([[name, null]], settings.undoSeconds, reload);
  });

  const clean = () => attempt(async () => {
    const grace = h('select', {}, [['3600000', 'one hour'], ['86400000', 'one day'], ['604800000', 'seven days'], ['0', 'any age']].map(([value, text]) =>
      h('option', { value, selected: value === '86400000' }, text)));
    const content = h('label', { class: 'field' }, 'Remove completed jobs older than', grace);
    const text = `Failed jobs go when they are seven times as old. ${name} keeps ${count(metrics.completed)} completed and ${count(metrics.failed)} failed jobs.`;
    if (!await ask({ title: `Clean ${name}?`, text, content, action: 'Remove', isDangerous: true })) return null;
    const { removed } = await post(queuePath(name, `/clean?grace=${grace.value}`));
    await reload();
    return `${many(removed, 'job')} removed.`;
  });

  const runOnSelected = key => attempt(async () => {
    const action = actions[key];
    const ids = [...selected];
    const isSure = !action.isDangerous || await ask({ title: `${action.name} ${many(ids.length, 'job')}?`, text: action.text, action: action.name, isDangerous: true });
    if (!isSure) return null;
    if (key === 'retry') {
      selected.clear();
      return retryMany([[name, ids]], settings.undoSeconds, reload);
    }
    const { done, problem } = await forEach(ids, id => action.run(name, id));
    selected.clear();
    await reload();
    if (problem) notify(`${many(ids.length - done, 'job')} not ${action.done}: ${problem.message}`, { isProblem: true });
    return done > 0 && `${many(done, 'job')} ${action.done}.`;
  });

  function search(text) {
    typed = text;
    clearTimeout(typing);
    typing = setTimeout(() => show({}, { replace: true }), 300);
  }

  const toggle = id => {
    if (!selected.delete(id)) selected.add(id);
    draw();
  };

  function toggleAll() {
    const all = selected.size < page.jobs.length ? page.jobs : [];
    selected.clear();
    for (const job of all) selected.add(job.jobId);
    draw();
  }

  const row = job => h('tr', { key: job.jobId, 'data-row': true },
    h('td', {}, h('input', { type: 'checkbox', checked: selected.has(job.jobId), onchange: () => toggle(job.jobId), 'aria-label': `Select ${job.jobId}` })),
    h('th', { scope: 'row' }, h('a', { href: jobView(name, job.jobId) }, job.jobId), h('small', {}, job.type || 'no type')),
    h('td', { 'data-name': 'State' }, badge(job.state), job.state === 'active' && job.progress?.percentage > 0 && h('small', {}, `${Math.round(job.progress.percentage)} %`)),
    h('td', { 'data-name': 'Priority' }, job.priority),
    h('td', { 'data-name': 'Attempts' }, `${job.attemptsMade} of ${job.maxAttempts}`),
    h('td', { 'data-name': 'Added' }, moment(job.createdAt)),
    h('td', { 'data-name': 'Took' }, job.finishedAt && job.startedAt ? duration(between(job.startedAt, job.finishedAt)) : job.nextAttemptAt ? ago(job.nextAttemptAt) : '–'),
    h('td', { 'data-name': 'Error', class: 'error' }, job.error?.message ?? ''));

  function table() {
    const isAll = selected.size > 0 && selected.size === page.jobs.length;
    return h('div', { class: 'wide', key: 'table', role: 'region', 'aria-label': 'Jobs', tabindex: '0' }, h('table', { class: 'jobs' },
      h('thead', {}, h('tr', {},
        h('td', {}, h('input', { type: 'checkbox', checked: isAll, indeterminate: selected.size > 0 && !isAll, onchange: toggleAll, 'aria-label': 'Select all on this page' })),
        ['Job', 'State', 'Priority', 'Attempts', 'Added', 'Took / due', 'Error'].map(text => h('th', { scope: 'col' }, text)))),
      h('tbody', {}, page.jobs.map(row))));
  }

  const filters = () => h('search', { class: 'row filters', key: 'filters' },
    h('label', { class: 'field grow' }, 'Id or error contains', h('input', { type: 'search', value: typed ?? '', oninput: event => search(event.target.value.trim()) })),
    select('Type', query.get('type') ?? '', [['', 'any'], ...types.map(type => [type, type])], type => show({ type }, { replace: true })),
    select('Priority', query.get('priority') ?? '', [['', 'any'], ...priorities.map(priority => [priority, priority])], priority => show({ priority }, { replace: true })),
    select('Since', query.get('since') ?? '', [['', 'ever'], ...Object.keys(spans).map(span => [span, span])], since => show({ since }, { replace: true })));

  const bulk = () => selected.size > 0 && may('operator') && h('div', { class: 'row bulk', key: 'bulk', role: 'group', 'aria-label': 'Selected jobs' },
    h('strong', {}, `${many(selected.size, 'job')} selected`),
    (bulkActions[state] ?? ['remove']).map(key => button(actions[key].name, () => runOnSelected(key), { key, needs: actions[key].needs, class: actions[key].isDangerous ? 'danger' : null })));

  function render() {
    if (!page) return h('h1', {}, name);
    const isFiltered = ['type', 'priority', 'text', 'since'].some(key => query.get(key));
    return [
      h('div', { class: 'row spread', key: 'head' },
        h('h1', {}, name, ' ', metrics.isPaused && badge('paused')),
        h('div', { class: 'row bottom' },
          select('Charts of the last', query.get('span') ?? '', chartSpans, span => show({ span }, { replace: true })),
          button(metrics.isPaused ? 'Resume' : 'Pause', () => setPause(!metrics.isPaused), { needs: 'operator' }),
          may('operator') && h('a', { class: 'button', href: queueView(name, '/add') }, 'Add a job …'),
          button(`Retry all failed (${count(metrics.failed)})`, retryAll, { needs: 'operator', disabled: metrics.failed === 0 }),
          button('Clean …', clean, { needs: 'admin' }))),
      h('div', { class: 'charts', key: 'charts' },
        plot(trend, 'Ended', [['failed', 'failed'], ['completed', 'completed']]),
        plot(trend, 'On record', [['active', 'active'], ['waiting', 'waiting'], ['delayed', 'delayed']]),
        plot(trend, 'Longest wait for its turn', [['longestWait', 'waited']], { isTime: true }),
        plot(trend, 'Attempts took', [['p95', '95 % of them'], ['p50', 'half of them']], { isTime: true, isNested: true, known: 'completed' })),
      facts([
        ['Added', count(metrics.added)], ['Completed ever', count(metrics.completedTotal)], ['Failed ever', count(metrics.failedTotal)],
        ['Retried', count(metrics.retriedTotal)], ['Stalled', count(metrics.stalledTotal)], ['Failure rate', percent(metrics.failureRate)],
        ['Oldest waiting', metrics.oldestWaitingAt ? ago(metrics.oldestWaitingAt) : '–'],
      ]),
      h('nav', { class: 'tabs', key: 'tabs', 'aria-label': 'States' }, [null, ...states].map(tab =>
        h('a', { href: queueView(name, tab ? `?state=${tab}` : ''), 'aria-current': tab === state ? 'page' : null }, tab ?? 'all', tab && h('span', { class: 'number' }, count(metrics[tab]))))),
      filters(),
      bulk(),
      page.jobs.length > 0 ? table() : empty(page.nextCursor ? 'None among those looked at so far; go on with Next.' : isFiltered ? 'No job matches.' : `No ${state ?? ''} jobs.`),
      h('div', { class: 'row end', key: 'pages' },
        select('Jobs on a page', query.get('limit') ?? '50', onPage.map(number => [number, number]), limit => show({ limit }, { replace: true })),
        query.get('cursor') && h('a', { class: 'button', href: queueView(name, firstPage(query)) }, 'First'),
        page.previousCursor && h('a', { class: 'button', href: queueView(name, `?${withCursor(query, page.previousCursor)}`) }, 'Previous'),
        page.nextCursor && h('a', { class: 'button', href: queueView(name, `?${withCursor(query, page.nextCursor)}`) }, 'Next')),
    ];
  }

  return { title: name, load, render, close: () => clearTimeout(typing), ignores: change => change.queue !== name };
}

function withCursor(query, cursor) {
  const next = new URLSearchParams(query);
  next.set('cursor', cursor);
  return next;
}

function firstPage(query) {
  const next = new URLSearchParams(query);
  next.delete('cursor');
  return next.size > 0 ? `?${next}` : '';
}
