import { tell, undoLatest } from './dialogs.js';
import { h } from './dom.js';
import { queueView } from './api.js';

const places = { o: ['/', 'Overview'], d: ['/dead-letters', 'Dead letters'], b: ['/batches', 'Batches'], s: ['/schedules', 'Schedules'], f: ['/find', 'Find'], w: ['/workers', 'Workers'], l: ['/live', 'Live'] };
const shortcuts = [
  ...Object.entries(places).map(([key, [, name]]) => [`g ${key}`, `Go to ${name}`]),
  ['g 1 – g 6', 'Go to a queue, in the order of the overview'],
  ['j / k', 'Next / previous in a list'],
  ['Enter', 'Open'],
  ['x', 'Select or unselect'],
  ['/', 'Search'],
  ['u', 'Undo, while there is something to undo'],
  ['?', 'This help'],
];
const chordLasts = 1500;
const setting = 'single-keys';

// Whoever speaks to the computer, or types where no field is, must be able to do without.
const areOn = () => localStorage.getItem(setting) !== 'off';

function showHelp() {
  const isOn = h('input', { type: 'checkbox', checked: areOn(), onchange: event => localStorage.setItem(setting, event.target.checked ? 'on' : 'off') });
  tell('Keyboard shortcuts', h('label', { class: 'row' }, isOn, 'Keys without Ctrl or Alt work'), h('dl', { class: 'keys' }, shortcuts.map(([keys, what]) =>
    h('div', {}, h('dt', {}, h('kbd', {}, keys)), h('dd', {}, what)))));
}

// What j and k move through: each row's first link, marked by the views.
function move(step) {
  const rows = [...document.querySelectorAll('[data-row]')];
  const at = rows.findIndex(row => row.contains(document.activeElement));
  const next = rows[at < 0 ? (step > 0 ? 0 : rows.length - 1) : Math.min(Math.max(at + step, 0), rows.length - 1)];
  next?.querySelector('a, button, summary')?.focus();
}

function select() {
  document.activeElement?.closest('[data-row]')?.querySelector('input[type=checkbox]')?.click();
}

export function listenToKeys({ go, settings }) {
  let chordUntil = 0;
  document.getElementById('help').onclick = showHelp;
  document.addEventListener('keydown', event => {
    const isTyping = event.target.closest?.('input:not([type=checkbox]), textarea, select, dialog');
    if (isTyping || !areOn() || event.ctrlKey || event.metaKey || event.altKey) return;
    const isChord = Date.now() < chordUntil;
    chordUntil = 0;
    const queue = settings()?.queues[Number(event.key) - 1];
    if (isChord && places[event.key]) go(places[event.key][0]);
    else if (isChord && queue) go(queueView(queue.name));
    else if (event.key === 'g') chordUntil = Date.now() + chordLasts;
    else if (event.key === 'j') move(1);
    else if (event.key === 'k') move(-1);
    else if (event.key === 'x') select();
    else if (event.key === 'u') undoLatest();
    else if (event.key === '?') showHelp();
    else if (event.key === '/') document.querySelector('input[type=search]')?.focus();
    else return;
    event.preventDefault();
  });
}
