import { get, queueView } from '../api.js';
import { h } from '../dom.js';
import { count, many } from '../format.js';
import { empty } from '../parts.js';

/** Who works on the queues. */
export default function workers() {
  let report = null;

  async function load() {
    report = await get('/queue/workers');
  }

  const row = (queue, worker) => h('tr', { key: worker.id, 'data-row': true },
    h('th', { scope: 'row' }, worker.id),
    h('td', { 'data-name': 'Slots in use' }, `${count(worker.slotsInUse)} of ${count(worker.slots)}`),
    h('td', { 'data-name': 'Stuck', class: worker.slotsStuck > 0 ? 'error' : null }, worker.slotsStuck > 0 ? `${many(worker.slotsStuck, 'handler does not stop', 'handlers do not stop')}: restart it` : 'none'));

  const section = queue => h('section', { class: 'card group', key: queue.name, 'aria-label': queue.name },
    h('div', { class: 'row spread' }, h('h2', {}, h('a', { href: queueView(queue.name) }, queue.name)),
      h('span', { class: 'soft' }, `${many(queue.workers.length, 'worker')}, ${count(queue.slotsInUse)} of ${many(queue.slots, 'slot')} in use`)),
    queue.workers.length === 0 ? h('p', { class: 'error' }, 'No worker is alive: start the service, or look why it does not come up.')
      : h('div', { class: 'wide', role: 'region', 'aria-label': `Workers of ${queue.name}`, tabindex: '0' }, h('table', { class: 'jobs' },
        h('thead', {}, h('tr', {}, ['Worker', 'Slots in use', 'Stuck'].map(name => h('th', { scope: 'col' }, name)))),
        h('tbody', {}, queue.workers.map(worker => row(queue, worker))))));

  const render = () => [
    h('h1', {}, 'Workers'),
    report && (Object.keys(report.queues).length === 0 ? empty('No queues.') : Object.values(report.queues).map(section)),
  ];

  return { title: 'Workers', load, render, atLeastEvery: () => 5000 };
}
