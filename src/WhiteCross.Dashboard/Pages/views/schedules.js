import { getIfThere, jobView, post, queuePath, queueView, remove } from '../api.js';
import { ask, attempt } from '../dialogs.js';
import { h } from '../dom.js';
import { count, duration } from '../format.js';
import { button, empty, moment } from '../parts.js';
import { may } from '../role.js';

/** Repeatable jobs of all queues. */
export default function schedules({ settings, reload }) {
  let found = null;
  let isAvailable = true;

  async function load() {
    const lists = await Promise.all(settings.queues.map(queue => getIfThere(queuePath(queue.name, '/schedules'))));
    isAvailable = lists.some(list => list !== null);
    found = lists.flatMap(list => list?.schedules ?? []);
  }

  const path = (schedule, action = '') => queuePath(schedule.queue, `/schedules/${encodeURIComponent(schedule.id)}${action}`);

  const act = (schedule, action, done) => attempt(async () => {
    await post(path(schedule, `/${action}`));
    await reload();
    return `${schedule.id} ${done}.`;
  });

  const discard = async schedule => {
    if (!await ask({ title: `Remove ${schedule.id}?`, text: 'It does not run again; jobs that it has added stay.', action: 'Remove', isDangerous: true })) return;
    await attempt(async () => {
      await remove(path(schedule));
      await reload();
      return `${schedule.id} is removed.`;
    });
  };

  const row = schedule => h('tr', { key: `${schedule.queue}/${schedule.id}`, 'data-row': true },
    h('th', { scope: 'row' }, schedule.id, h('small', {}, h('a', { href: queueView(schedule.queue) }, schedule.queue))),
    h('td', { 'data-name': 'When' }, schedule.cron ? [h('code', {}, schedule.cron), h('small', {}, schedule.timeZone)] : `every ${duration(schedule.every)}`),
    h('td', { 'data-name': 'Next' }, schedule.enabled ? moment(schedule.nextRunAt) : 'disabled'),
    h('td', { 'data-name': 'Last' }, schedule.lastJobId ? h('a', { href: jobView(schedule.queue, schedule.lastJobId) }, moment(schedule.lastRunAt)) : '–'),
    h('td', { 'data-name': 'Runs' }, count(schedule.runs), schedule.limit && ` of ${count(schedule.limit)}`),
    h('td', {}, h('div', { class: 'row' },
      button('Run now', () => act(schedule, 'run', 'has added its job'), { needs: 'operator', 'aria-label': `Run now: ${schedule.id}` }),
      schedule.enabled
        ? button('Disable', () => act(schedule, 'disable', 'is disabled'), { needs: 'operator', 'aria-label': `Disable ${schedule.id}` })
        : button('Enable', () => act(schedule, 'enable', 'is enabled'), { needs: 'operator', 'aria-label': `Enable ${schedule.id}` }),
      // One from the settings would be back at the next start.
      schedule.origin !== 'settings' && may('operator') && h('a', { class: 'button', href: `/schedules/${encodeURIComponent(schedule.queue)}/${encodeURIComponent(schedule.id)}`, 'aria-label': `Edit ${schedule.id}` }, 'Edit …'),
      schedule.origin !== 'settings' && button('Remove', () => discard(schedule), { needs: 'admin', class: 'danger', 'aria-label': `Remove ${schedule.id}` }))));

  const table = () => h('div', { class: 'wide', key: 'table', role: 'region', 'aria-label': 'Schedules', tabindex: '0' }, h('table', {},
    h('thead', {}, h('tr', {}, ['Schedule', 'When', 'Next', 'Last', 'Runs', 'Actions'].map(text => h('th', { scope: 'col' }, text)))),
    h('tbody', {}, found.map(row))));

  const render = () => [
    h('div', { class: 'row spread', key: 'head' }, h('h1', {}, 'Schedules'), isAvailable && may('operator') && h('a', { class: 'button', href: '/schedules/new' }, 'New schedule …')),
    found && (!isAvailable ? empty('Schedules are not available on this gateway.') : found.length === 0 ? empty('No schedules.') : table()),
  ];

  return { title: 'Schedules', load, render };
}
