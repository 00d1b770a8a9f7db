import { get, post, queuePath } from '../api.js';
import { attempt } from '../dialogs.js';
import { h } from '../dom.js';
import { Form, fieldsOf } from '../form.js';
import { button, empty, select } from '../parts.js';
import { may } from '../role.js';

const id = { name: 'id', kind: 'line', required: true, text: 'Its name: 1–100 characters without spaces.' };
const when = [
  { name: 'cron', kind: 'line', text: 'Minute, hour, day, month and weekday, such as 0 2 * * * for each day at two. Either this, or every.' },
  { name: 'every', kind: 'line', isJson: true, text: 'In milliseconds, from 1000.' },
  { name: 'timeZone', kind: 'line', text: 'The zone that cron is meant in, such as Europe/Berlin. Default: UTC.' },
  { name: 'limit', kind: 'line', isJson: true, text: 'How many times in all. Default: no end.' },
  { name: 'overlap', kind: 'choice', options: ['skip', 'queue'], text: 'When the job of the time before has not ended: skip this time (default), or queue it all the same.' },
];

/** A schedule, made or changed. What its job is about is not shown, and stays as it is unless another job is given. */
export default function schedule({ params, settings, go, draw }) {
  const form = new Form(draw);
  const isNew = !params.id;
  let queue = params.queue ?? settings.queues[0].name;
  let type = null;
  let known = null;
  let described = null;
  let hasJob = isNew;

  const typesOf = () => settings.queues.find(one => one.name === queue)?.types ?? [];

  async function load() {
    if (!may('operator') || known || described) return;
    if (!isNew) {
      known = await get(queuePath(queue, `/schedules/${encodeURIComponent(params.id)}`));
      form.fill([id, ...when], known);
    }
    await chooseType(known?.job?.type ?? typesOf()[0]);
    if (known?.job?.data) form.fill(described.fields, known.job.data, 'job.data.');
  }

  async function chooseType(other) {
    type = other;
    described = await fieldsOf(type);
    form.takeErrors({});
  }

  async function chooseQueue(other) {
    queue = other;
    await chooseType(typesOf()[0]);
  }

  const save = () => attempt(async () => {
    form.errors = {};
    const wanted = { ...form.read([id, ...when]), ...(known ? { enabled: known.enabled } : {}) };
    if (hasJob) wanted.job = { type, data: form.read(described.fields, 'job.data.') };
    try {
      const saved = await post(queuePath(queue, '/schedules'), wanted);
      await go('/schedules');
      return `${saved.id} is ${isNew ? 'made' : 'changed'}.`;
    } catch (problem) {
      form.takeErrors(problem.errors ?? {});
      throw problem;
    }
  });

  function render() {
    const title = h('h1', {}, isNew ? 'New schedule' : `Schedule ${params.id}`);
    if (!may('operator')) return [title, empty('To change schedules takes the role operator.')];
    if (!described) return title;
    const shown = ['id', ...when.map(field => field.name), ...(hasJob ? described.fields.map(field => `job.data.${field.name}`) : [])];
    return [
      h('p', { class: 'crumbs' }, h('a', { href: '/schedules' }, 'Schedules'), ` / ${isNew ? 'new' : params.id}`),
      title,
      h('form', { class: 'card entries', key: `form ${type}`, novalidate: true, onsubmit: event => { event.preventDefault(); save(); } },
        form.others(shown).map(([field, texts]) => h('p', { class: 'error' }, `${field} ${texts.join(' ')}`)),
        isNew ? [select('Queue', queue, settings.queues.map(one => [one.name, one.name]), chooseQueue), form.field(id)] : h('p', { class: 'soft' }, `Of ${queue}.`),
        when.map(field => form.field(field)),
        !isNew && h('label', { class: 'row' }, h('input', { type: 'checkbox', checked: hasJob, onchange: event => { hasJob = event.target.checked; draw(); } }), 'Give it another job; else it keeps its own'),
        hasJob && [
          h('h2', {}, 'Its job'),
          typesOf().length > 1 && select('Type', type, typesOf().map(one => [one, one]), chooseType),
          described.fields.map(field => form.field(field, 'job.data.')),
        ],
        h('div', { class: 'row end' },
          hasJob && button('Fill in an example', () => { form.fill(described.fields, described.example, 'job.data.'); draw(); }),
          h('button', { type: 'submit', class: 'primary' }, isNew ? 'Make schedule' : 'Change schedule'))),
    ];
  }

  return { title: isNew ? 'New schedule' : params.id, load, render, ignores: () => true };
}
