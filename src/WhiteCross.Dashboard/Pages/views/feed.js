import { jobView, queueView } from '../api.js';
import { h } from '../dom.js';
import { clock, count } from '../format.js';
import { badge, button, empty, select, states } from '../parts.js';

const kept = 200;

/** The changes of all jobs as they happen. */
export default function feed({ settings, draw }) {
  let changes = [];
  let isHeld = false;
  let missed = 0;
  let seen = 0;
  let drawing = null;
  const only = { queue: '', state: '' };

  function change(event) {
    if ((only.queue && event.queue !== only.queue) || (only.state && event.state !== only.state)) return;
    if (isHeld) {
      missed++;
    } else {
      changes.unshift({ ...event, key: ++seen });
      changes.length = Math.min(changes.length, kept);
    }
    drawing ??= setTimeout(() => { drawing = null; draw(); }, 250);
  }

  function hold() {
    isHeld = !isHeld;
    missed = 0;
    draw();
  }

  function filter(name, value) {
    only[name] = value;
    changes = changes.filter(event => !value || event[name] === value);
    draw();
  }

  const item = event => h('li', { key: event.key, 'data-row': true },
    h('time', { datetime: event.at }, clock(event.at)), badge(event.kind === 'removed' ? 'removed' : event.state),
    h('a', { href: jobView(event.queue, event.jobId) }, event.jobId),
    h('a', { href: queueView(event.queue), class: 'quiet' }, event.queue));

  const render = () => [
    h('div', { class: 'row spread', key: 'head' }, h('h1', {}, 'Live'), h('div', { class: 'row' },
      select('Queue', only.queue, [['', 'all'], ...settings.queues.map(queue => [queue.name, queue.name])], value => filter('queue', value)),
      select('State', only.state, [['', 'all'], ...states.map(state => [state, state])], value => filter('state', value)),
      button(isHeld ? `Go on (${count(missed)} missed)` : 'Hold', hold))),
    changes.length === 0 ? empty('Nothing has happened since this page was opened.') : h('ol', { class: 'feed', key: 'feed' }, changes.map(item)),
  ];

  return { title: 'Live', load: async () => {}, render, change, ignores: () => true, close: () => clearTimeout(drawing) };
}
