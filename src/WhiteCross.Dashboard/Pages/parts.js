// Pieces that several views are made of.
import { ago, count, dateTime } from './format.js';
import { h } from './dom.js';
import { may } from './role.js';

export const states = ['waiting', 'active', 'delayed', 'completed', 'failed', 'paused'];

export const badge = state => h('span', { class: `badge ${state}` }, state);

export const moment = time => time ? h('time', { datetime: time, title: dateTime(time) }, ago(time)) : '–';

/** A button; none for whoever may not do what it `needs` a role for. */
export const button = (text, onclick, { needs, ...attributes } = {}) => needs && !may(needs) ? null : h('button', { type: 'button', onclick, ...attributes }, text);

export const facts = entries => h('dl', { class: 'facts' }, entries.filter(Boolean).map(([name, value]) =>
  h('div', { key: name }, h('dt', {}, name), h('dd', {}, value ?? '–'))));

export const empty = text => h('p', { class: 'empty' }, text);

export const select = (label, value, options, onchange) => h('label', { class: 'field' }, label,
  h('select', { value, onchange: event => onchange(event.target.value) },
    options.map(([option, text]) => h('option', { value: option }, text))));

const kinds = {
  handler: 'failed in every attempt',
  permanent: 'cannot work as it is, so it was not tried again',
  invalid: 'its data is not valid, so it was not tried',
  timeout: 'ran longer than it may',
  stalled: 'the process that ran it died',
  cancelled: 'somebody cancelled it',
  undeliverable: 'no service could receive it',
};

/** What kind of failure an error is, in words. */
export const kindOf = error => kinds[error?.code] ?? 'unknown';

/** How far a job is: its bar, and what it says of itself. Many say the number of their step in words already. */
export function progressOf({ percentage, step, currentStep, totalSteps }, unit, label) {
  const number = totalSteps > 0 && `${count(currentStep)} of ${count(totalSteps)}`;
  return h('p', { class: 'progress', key: 'progress' },
    h('progress', { max: '100', value: percentage, 'aria-label': label }),
    ` ${Math.round(percentage)} %`, number && !step?.includes(number) && ` · ${unit} ${number}`, totalSteps !== 0 && step && ` · ${step}`);
}
