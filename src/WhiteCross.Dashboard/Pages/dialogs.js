import { button } from './parts.js';
import { h } from './dom.js';

const notices = document.getElementById('notices');
const noticeStays = 8000;

/** Tells what came of an action; with a way back where there is one. */
export function notify(text, { isProblem = false, undo } = {}) {
  const note = h('div', { class: isProblem ? 'notice problem' : 'notice' },
    h('span', {}, text),
    undo && button('Undo', () => { note.remove(); undo(); }, { class: 'undo' }),
    button('×', () => note.remove(), { class: 'quiet', 'aria-label': 'Dismiss' }));
  notices.append(note);
  setTimeout(() => note.remove(), noticeStays);
}

/** Tells of something that happens in so many seconds, and counts them; `undo` keeps it from happening, `then` follows when nothing did. */
export function notifyUntil(text, seconds, { undo, then }) {
  const due = Date.now() + seconds * 1000;
  // Read once, in the text; a number that changes each second would be read each second.
  const left = h('span', { class: 'left', 'aria-hidden': 'true' });
  const note = h('div', { class: 'notice' },
    h('span', {}, text), left, button('Undo', () => end(undo), { class: 'undo', 'aria-keyshortcuts': 'u' }));
  const timer = setInterval(count, 200);
  function count() {
    const rest = Math.ceil((due - Date.now()) / 1000);
    if (rest > 0) left.textContent = `${rest} s`;
    else end(then);
  }
  function end(next) {
    clearInterval(timer);
    note.remove();
    next();
  }
  count();
  notices.append(note);
}

/** Undoes what can be undone, the latest first. */
export const undoLatest = () => [...notices.querySelectorAll('.undo')].at(-1)?.click();

/** Runs an action and tells what came of it. */
export async function attempt(action) {
  try {
    const done = await action();
    if (done) notify(...[done].flat());
  } catch (problem) {
    notify(problem.message, { isProblem: true });
  }
}

/**
 * Asks before something is done; answers whether to, after which `content` holds what was entered. With `submit` it is done while the question stands: what refuses it is
 * said there, and what was entered can be put right.
 */
export function ask({ title, text, content, action, submit, isDangerous = false, isWide = false }) {
  return new Promise(resolve => {
    // A form, so that Enter in a field answers it; what is not complete is pointed out by the browser.
    const refusal = h('p', { class: 'error', role: 'alert' });
    let isAtWork = false;
    const form = h('form', { onsubmit: async event => {
      event.preventDefault();
      if (isAtWork) return; // Enter twice is meant once.
      isAtWork = true;
      try {
        await submit?.();
        dialog.close('yes');
      } catch (problem) {
        refusal.textContent = problem.message;
      }
      isAtWork = false;
    } },
      h('h2', { id: 'dialog-title' }, title),
      text && h('p', {}, text),
      content,
      submit && refusal,
      h('div', { class: 'row end' },
        button('Cancel', () => dialog.close()),
        h('button', { type: 'submit', class: isDangerous ? 'danger' : 'primary' }, action)));
    // Where nothing is asked for, Enter answers it too.
    if (!form.querySelector('input, select, textarea')) form.querySelector('[type=submit]').autofocus = true;
    const dialog = h('dialog', { 'aria-labelledby': 'dialog-title', class: isWide ? 'broad' : null }, form);
    show(dialog, () => resolve(dialog.returnValue === 'yes'));
  });
}

/** Shows something to read. */
export function tell(title, ...content) {
  const dialog = h('dialog', { 'aria-labelledby': 'dialog-title' },
    h('h2', { id: 'dialog-title' }, title),
    content,
    h('div', { class: 'row end' }, button('Close', () => dialog.close(), { autofocus: true })));
  show(dialog);
}

function show(dialog, onclose) {
  dialog.addEventListener('close', () => {
    dialog.remove();
    onclose?.();
  });
  document.body.append(dialog);
  dialog.showModal();
}
