import { get, jobView, post, queuePath, queueView } from '../api.js';
import { hoursChart } from '../charts.js';
import { ask, attempt, notify, notifyUntil } from '../dialogs.js';
import { h } from '../dom.js';
import { editGroup } from '../editing.js';
import { count, many } from '../format.js';
import { button, empty, kindOf, moment, select } from '../parts.js';

const first = 50;
const all = 500;
const shownOfGroup = 20;
const rates = [['0', 'at once'], ['50', '50 a second'], ['10', '10 a second'], ['1', '1 a second']];
const after = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Jobs that failed for good, by why: the gateway keeps the groups, and does what is asked for with all jobs of one. */
export default function deadLetters({ query, settings, draw, reload }) {
  const only = query.get('queue');
  const selected = new Set();
  const opened = new Map(); // The newest jobs of the groups that somebody has opened.
  let list = null;
  let limit = first;
  let rate = 0;

  async function load() {
    list = await get(only ? queuePath(only, `/failures?limit=${limit}`) : `/queue/failures?limit=${limit}`);
    const keys = new Set(list.groups.map(keyOf));
    for (const key of selected) if (!keys.has(key)) selected.delete(key);
    for (const key of opened.keys()) if (!keys.has(key)) opened.delete(key);
  }

  async function showJobs(group, isOpen) {
    if (!isOpen || opened.has(keyOf(group))) return;
    await attempt(async () => {
      const wanted = new URLSearchParams({ state: 'failed', cause: group.cause, limit: shownOfGroup, data: false });
      opened.set(keyOf(group), (await get(queuePath(group.queue, `/jobs?${wanted}`))).jobs);
      draw();
    });
  }

  // A provider that has just come back should not be met by everything at once.
  const replay = (groups, what) => attempt(async () => {
    const jobs = sum(groups.map(group => group.count));
    const speed = rates.find(([value]) => Number(value) === rate)[1];
    if (jobs > 1 && !await ask({ title: `Replay ${many(jobs, 'job')}?`, text: `${withoutStop(what)}: they wait again, ${speed}, with all their attempts before them.`, action: 'Replay' })) return null;
    const seconds = jobs > 1 ? settings.undoSeconds : 0;
    const asked = await each(groups, group => post(groupPath(group, `/retry?rate=${rate}&undoSeconds=${seconds}`)));
    selected.clear();
    await reload();
    if (asked.length === 0) return null;
    if (seconds > 0) {
      notifyUntil(`${many(jobs, 'failed job waits', 'failed jobs wait')} again in ${many(seconds, 'second')}.`, seconds, { undo: () => stop(asked), then: () => follow(asked) });
      return null;
    }
    return follow(asked);
  });

  // One that goes on for long is seen in its group, by whoever looks.
  const follow = groups => attempt(async () => {
    for (let looks = 0; rate === 0 && looks < 20; looks++) {
      const now = await Promise.all(groups.map(group => get(groupPath(group))));
      if (now.every(group => !isGoingOn(group.replay))) {
        await reload();
        return `${many(sum(now.map(group => group.replay?.done ?? 0)), 'job waits', 'jobs wait')} again.`;
      }
      await after(500);
    }
    await reload();
    return 'The replay goes on, also when this page is closed.';
  });

  const stop = groups => attempt(async () => {
    const stopped = await each(groups, group => post(groupPath(group, '/stop')));
    await reload();
    const undone = stopped.filter(group => group.replay?.state === 'undone');
    if (undone.length > 0) return `Undone: ${many(sum(undone.map(group => group.count)), 'job stays', 'jobs stay')} failed.`;
    return stopped.length > 0 && `Stopped: ${many(sum(stopped.map(group => group.replay.done)), 'job waits', 'jobs wait')} again, ${count(sum(stopped.map(group => group.count)))} stay failed.`;
  });

  const discard = (groups, what) => attempt(async () => {
    const jobs = sum(groups.map(group => group.count));
    const reason = h('input', { type: 'text', required: true, maxlength: '200', autocomplete: 'off' });
    const content = h('label', { class: 'field' }, 'Why, for the audit log (no patient data)', reason);
    const text = `${withoutStop(what)}: ${jobs === 1 ? 'its record goes' : 'their records go'} for good; what ${jobs === 1 ? 'it was' : 'they were'} to do is not done.`;
    if (!await ask({ title: `Discard ${many(jobs, 'job')}?`, text, content, action: 'Discard', isDangerous: true })) return null;
    const answers = await each(groups, group => post(groupPath(group, `/discard?reason=${encodeURIComponent(reason.value.trim())}`)));
    selected.clear();
    await reload();
    return answers.length > 0 && `${many(sum(answers.map(answer => answer.removed)), 'job')} discarded.`;
  });

  const mute = group => attempt(async () => {
    const hours = h('select', {}, [['24', 'a day'], ['168', 'a week'], ['', 'until it is unmuted']].map(([value, text]) => h('option', { value }, text)));
    const reason = h('input', { type: 'text', maxlength: '200', autocomplete: 'off' });
    const content = [h('label', { class: 'field' }, 'For', hours), h('label', { class: 'field' }, 'Why (a ticket, for example)', reason)];
    if (!await ask({ title: 'Mute this reason?', text: 'It goes to the end of the list, as known. Its jobs stay as they are.', content, action: 'Mute' })) return null;
    const wanted = new URLSearchParams({ ...hours.value && { hours: hours.value }, ...reason.value.trim() && { reason: reason.value.trim() } });
    await post(groupPath(group, `/mute?${wanted}`));
    await reload();
    return ['Muted.', { undo: () => unmute(group) }];
  });

  const unmute = group => attempt(async () => {
    await post(groupPath(group, '/unmute'));
    await reload();
    return 'Unmuted.';
  });

  function toggle(group) {
    if (!selected.delete(keyOf(group))) selected.add(keyOf(group));
    draw();
  }

  const progress = group => group.replay && (isGoingOn(group.replay)
    ? h('p', { class: 'row', key: 'replay', role: 'status' },
      h('progress', { max: String(Math.max(1, group.replay.total)), value: group.replay.done, 'aria-label': 'Replay' }),
      group.replay.state === 'held' ? 'about to wait again' : `${count(group.replay.done)} of ${count(group.replay.total)}`,
      button(group.replay.state === 'held' ? 'Undo' : 'Stop', () => stop([group]), { needs: 'operator' }))
    : h('p', { key: 'replay' }, `Replay by ${group.replay.by} ${group.replay.state}: ${count(group.replay.done)} of ${count(group.replay.total)}, `, moment(group.replay.endedAt)));

  const item = (group, job) => h('li', { key: job.jobId, class: 'row' },
    h('a', { href: jobView(group.queue, job.jobId), class: 'grow' }, job.jobId),
    h('span', {}, moment(job.finishedAt)));

  const group = one => {
    const { queue, cause, count: size } = one;
    const text = one.message ?? 'No error on record';
    const whole = queueView(queue, `?${new URLSearchParams({ state: 'failed', cause })}`);
    return h('section', { class: 'card group', key: keyOf(one), 'data-row': true, 'aria-label': `${queue}: ${text}` },
      h('div', { class: 'row spread' },
        h('div', { class: 'reason' },
          h('input', { type: 'checkbox', checked: selected.has(keyOf(one)), onchange: () => toggle(one), 'aria-label': `Select all of ${queue}: ${text}` }),
          h('h2', { class: 'error' }, text)),
        h('span', { class: 'row' }, one.isNew && h('span', { class: 'badge active' }, 'new'), h('span', { class: 'badge failed' }, count(size)))),
      hoursChart(one.hours, Date.parse(list.timestamp), `${text}, by the hour`),
      h('p', { class: 'row spread' },
        h('span', { class: 'grow' }, h('a', { href: queueView(queue, '?state=failed') }, queue), ` · ${one.type} · ${kindOf(one)} · first `, moment(one.firstSeen), size > 1 && ', last ', size > 1 && moment(one.lastSeen)),
        h('span', { class: 'row' },
          button('Edit …', () => editGroup(one, reload), { needs: 'operator', 'aria-label': `Edit ${queue}: ${text}` }),
          button(size > 1 ? 'Replay group' : 'Replay', () => replay([one], text), { needs: 'operator', 'aria-label': size > 1 ? `Replay group of ${queue}: ${text}` : `Replay ${one.latestJobId}` }),
          one.mute ? button('Unmute', () => unmute(one), { needs: 'operator' }) : button('Mute …', () => mute(one), { needs: 'operator', 'aria-label': `Mute ${queue}: ${text}` }),
          button('Discard …', () => discard([one], text), { needs: 'admin', class: 'danger', 'aria-label': size > 1 ? `Discard group of ${queue}: ${text}` : `Discard ${one.latestJobId}` }))),
      one.mute && h('p', { key: 'mute' }, `Muted by ${one.mute.by}${one.mute.reason ? `: ${one.mute.reason}` : ''}${one.mute.until ? ', until ' : ''}`, one.mute.until && moment(one.mute.until)),
      progress(one),
      size === 1 ? h('p', { class: 'only' }, h('a', { href: jobView(queue, one.latestJobId) }, one.latestJobId)) : h('details', { ontoggle: event => showJobs(one, event.target.open) }, h('summary', {}, many(size, 'job')),
        h('ul', { class: 'plain' }, (opened.get(keyOf(one)) ?? []).map(job => item(one, job))),
        h('p', {}, h('a', { href: whole }, `All ${count(size)} in the queue`))));
  };

  function render() {
    if (!list) return h('h1', {}, 'Dead letters');
    const chosen = list.groups.filter(one => selected.has(keyOf(one)));
    return [
      h('div', { class: 'row spread', key: 'head' },
        h('h1', {}, 'Dead letters'),
        h('div', { class: 'row' },
          only && h('a', { class: 'button', href: '/dead-letters' }, `Only ${only} ×`),
          select('Replay speed', String(rate), rates, value => { rate = Number(value); draw(); }))),
      h('p', { key: 'sum' }, `${many(list.total, 'failed job')}, ${many(list.causes, 'reason')}.`),
      chosen.length > 0 && h('div', { class: 'row bulk', key: 'bulk', role: 'group', 'aria-label': 'Selected jobs' },
        h('strong', {}, `${many(sum(chosen.map(one => one.count)), 'job')} selected`),
        button('Replay selected', () => replay(chosen, 'The selected ones'), { needs: 'operator' }),
        button('Discard selected', () => discard(chosen, 'The selected ones'), { class: 'danger', needs: 'admin' })),
      list.groups.length === 0 ? empty('No job has failed for good.') : list.groups.map(group),
      list.groups.length < list.causes && limit < all && h('p', { key: 'more' }, button(`All ${count(list.causes)} reasons`, () => { limit = all; reload(); })),
    ];
  }

  return {
    title: 'Dead letters',
    load,
    render,
    ignores: change => change.kind === 'state' && !['failed', 'waiting', 'paused'].includes(change.state),
    atLeastEvery: () => list?.groups.some(one => isGoingOn(one.replay)) ? 1000 : Infinity,
  };
}

const withoutStop = text => text.replace(/\.$/, '');
const sum = numbers => numbers.reduce((total, number) => total + number, 0);
const isGoingOn = replay => replay?.state === 'held' || replay?.state === 'running';
const keyOf = group => `${group.queue}/${group.cause}`;
const groupPath = (group, rest = '') => queuePath(group.queue, `/failures/${encodeURIComponent(group.cause)}${rest}`);

// What one group's refusal says is told; the others are done all the same.
async function each(groups, work) {
  const answers = [];
  for (const group of groups) {
    try {
      answers.push(await work(group));
    } catch (problem) {
      notify(problem.message, { isProblem: true });
    }
  }
  return answers;
}
