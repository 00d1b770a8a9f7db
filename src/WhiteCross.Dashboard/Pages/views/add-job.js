import { jobView, post, queuePath, queueView } from '../api.js';
import { attempt } from '../dialogs.js';
import { h } from '../dom.js';
import { Form, fieldsOf } from '../form.js';
import { button, empty, select } from '../parts.js';
import { may } from '../role.js';

export const priorities = ['LOW', 'NORMAL', 'HIGH', 'CRITICAL'];
const options = [
  { name: 'priority', kind: 'choice', options: priorities, text: 'Default: NORMAL.' },
  { name: 'delay', kind: 'line', isJson: true, text: 'How long to wait before the first attempt, in milliseconds.' },
  { name: 'attempts', kind: 'line', isJson: true, text: 'Attempts in all. Default: the queue\'s.' },
];
const jobId = { name: 'jobId', kind: 'line', text: 'Its id: the same id again adds no second job. Default: a new one.' };

/** A job of a queue's, typed in. */
export default function addJob({ params, query, settings, go, draw }) {
  const { queue } = params;
  const types = settings.queues.find(known => known.name === queue)?.types ?? [];
  const form = new Form(draw);
  let type = types.includes(query.get('type')) ? query.get('type') : types[0];
  let described = null;

  async function load() {
    if (types.length > 0 && may('operator')) described ??= await fieldsOf(type);
  }

  async function choose(other) {
    type = other;
    described = await fieldsOf(type);
    form.takeErrors({});
  }

  const add = () => attempt(async () => {
    form.errors = {};
    const envelope = { ...form.read([jobId]), type, data: form.read(described.fields, 'data.'), options: form.read(options, 'options.') };
    try {
      const added = await post(queuePath(queue, '/jobs'), envelope);
      await go(jobView(queue, added.jobId));
      return 'The job is added.';
    } catch (problem) {
      form.takeErrors(problem.errors ?? {});
      throw problem;
    }
  });

  function example() {
    form.fill(described.fields, described.example, 'data.');
    draw();
  }

  function render() {
    if (types.length === 0) return [h('h1', {}, 'Add a job'), empty('There is no such queue.')];
    if (!may('operator')) return [h('h1', {}, `Add a job to ${queue}`), empty('To add jobs here takes the role operator.')];
    if (!described) return h('h1', {}, `Add a job to ${queue}`);
    const shown = [...described.fields.map(field => `data.${field.name}`), ...options.map(option => `options.${option.name}`), 'jobId'];
    return [
      h('p', { class: 'crumbs' }, h('a', { href: queueView(queue) }, queue), ' / new job'),
      h('h1', {}, `Add a job to ${queue}`),
      h('form', { class: 'card entries', key: `form ${type}`, novalidate: true, onsubmit: event => { event.preventDefault(); add(); } },
        types.length > 1 && select('Type', type, types.map(one => [one, one]), choose),
        h('p', { class: 'soft' }, described.text),
        form.others(shown).map(([field, texts]) => h('p', { class: 'error' }, `${field} ${texts.join(' ')}`)),
        described.fields.map(field => form.field(field, 'data.')),
        h('details', { open: shown.slice(described.fields.length).some(path => form.errors[path]) || null }, h('summary', {}, 'Options'), options.map(option => form.field(option, 'options.')), form.field(jobId)),
        h('div', { class: 'row end' }, button('Fill in an example', example), h('button', { type: 'submit', class: 'primary' }, 'Add job'))),
    ];
  }

  return { title: `Add a job to ${queue}`, load, render, ignores: () => true };
}
