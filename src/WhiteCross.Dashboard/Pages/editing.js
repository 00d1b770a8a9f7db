// Changing what failed jobs are about, and retrying them with it.
import { jobPath, post, queuePath } from './api.js';
import { ask, attempt } from './dialogs.js';
import { h } from './dom.js';
import { count, many } from './format.js';
import { button } from './parts.js';

const short = value => value === null || value === undefined ? '–' : typeof value === 'string' ? value : JSON.stringify(value);

// A value that is no JSON is meant as text: most are.
function valueOf(text) {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** Asks for other data of one failed job, shows what differs, and retries it with that. */
export const editJob = (queue, id, record, reload) => attempt(async () => {
  const reason = h('input', { type: 'text', required: true, maxlength: '200', autocomplete: 'off' });
  const text = 'What it is about is shown, which may be about a patient. That you look, and which fields you change, is written to the audit log.';
  if (!await ask({ title: 'Edit and retry this job?', text, content: h('label', { class: 'field' }, 'Why, for the audit log (no patient data)', reason), action: 'Show data' })) return null;
  const why = encodeURIComponent(reason.value.trim());
  const { data } = await post(jobPath(queue, id, `/reveal?reason=${why}`));
  const field = h('textarea', { rows: '14', spellcheck: 'false', 'aria-label': 'Data', value: JSON.stringify(data, null, 2) });
  const outcome = h('div', { role: 'status' });
  const wanted = () => {
    try {
      return { data: JSON.parse(field.value) };
    } catch (mistake) {
      throw new Error(`This is not JSON: ${mistake.message}`);
    }
  };
  const check = button('Check', async () => {
    try {
      outcome.replaceChildren(...difference(await post(jobPath(queue, id, `/edit?dryRun=true&reason=${why}`), wanted())));
    } catch (problem) {
      outcome.replaceChildren(h('p', { class: 'error' }, problem.message));
    }
  });
  const submit = () => post(jobPath(queue, id, `/edit?reason=${why}`), wanted());
  if (!await ask({ title: `Data of ${id}`, content: [field, h('div', { class: 'row' }, check), outcome], action: 'Retry with this data', submit, isWide: true })) return null;
  await reload();
  return 'The job waits again with the changed data.';
});

function difference({ changes, errors }) {
  const wrong = Object.entries(errors).map(([field, texts]) => h('li', { class: 'error' }, `${field} ${texts.join(' ')}`));
  return [
    wrong.length > 0 ? h('ul', { class: 'plain' }, wrong) : h('p', {}, 'It is valid.'),
    changes.length === 0 ? h('p', {}, 'Nothing differs.') : h('table', { class: 'difference' },
      h('thead', {}, h('tr', {}, ['Field', 'Before', 'After'].map(name => h('th', { scope: 'col' }, name)))),
      h('tbody', {}, changes.map(change => h('tr', {}, h('th', { scope: 'row' }, change.field), h('td', {}, short(change.before)), h('td', {}, short(change.after)))))),
  ];
}

/** Sets or removes a field of all jobs of a cause; a dry run says before how many would still fail. */
export const editGroup = (group, reload) => attempt(async () => {
  const path = rest => queuePath(group.queue, `/failures/${encodeURIComponent(group.cause)}/edit${rest}`);
  const field = h('input', { type: 'text', autocomplete: 'off', required: true });
  const what = h('select', {}, h('option', { value: 'set' }, 'set to'), h('option', { value: 'remove' }, 'remove'));
  const value = h('input', { type: 'text', autocomplete: 'off' });
  const reason = h('input', { type: 'text', required: true, maxlength: '200', autocomplete: 'off' });
  const outcome = h('div', { role: 'status' });
  const wanted = () => field.value.trim() === '' ? {} : what.value === 'set' ? { set: { [field.value.trim()]: valueOf(value.value) } } : { remove: [field.value.trim()] };
  const dryRun = button('Dry run', () => attempt(async () => {
    const answer = await post(path('?dryRun=true'), wanted());
    outcome.replaceChildren(
      h('p', {}, `${many(answer.jobs, 'job')}: ${count(answer.valid)} would be valid, ${count(answer.invalid)} would still fail.`),
      h('ul', { class: 'plain' }, answer.problems.map(problem => h('li', {}, `${count(problem.count)} × ${problem.field} ${problem.message}`))));
  }));
  const content = [
    h('div', { class: 'row' }, h('label', { class: 'field grow' }, 'Field, such as metadata.ward', field), h('label', { class: 'field' }, 'What to do', what), h('label', { class: 'field grow' }, 'Value', value)),
    h('label', { class: 'field' }, 'Why, for the audit log (no patient data)', reason),
    h('div', { class: 'row' }, dryRun, h('small', {}, 'Without a field: how they are now.')), outcome,
  ];
  let done = null;
  const submit = async () => { done = await post(path(`?reason=${encodeURIComponent(reason.value.trim())}`), wanted()); };
  if (!await ask({ title: `Edit ${many(group.count, 'job')}?`, text: 'Those that are valid then wait again; the others stay failed as they are.', content, action: 'Retry with the change', submit, isWide: true })) return null;
  await reload();
  return `${many(done.applied, 'job waits', 'jobs wait')} again with the change${done.invalid > 0 ? `; ${count(done.invalid)} would not be valid and stay failed` : ''}.`;
});
