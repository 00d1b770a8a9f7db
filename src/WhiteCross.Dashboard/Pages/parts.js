// Pieces that several views are made of.
import { ago, dateTime } from './format.js';
import { h } from './dom.js';

export const states = ['waiting', 'active', 'delayed', 'completed', 'failed', 'paused'];

export const badge = state => h('span', { class: `badge ${state}` }, state);

export const moment = time => time ? h('time', { datetime: time, title: dateTime(time) }, ago(time)) : '–';

export const button = (text, onclick, attributes = {}) => h('button', { type: 'button', onclick, ...attributes }, text);

export const facts = entries => h('dl', { class: 'facts' }, entries.filter(Boolean).map(([name, value]) =>
  h('div', { key: name }, h('dt', {}, name), h('dd', {}, value ?? '–'))));

export const empty = text => h('p', { class: 'empty' }, text);

export const select = (label, value, options, onchange) => h('label', { class: 'field' }, label,
  h('select', { value, onchange: event => onchange(event.target.value) },
    options.map(([option, text]) => h('option', { value: option }, text))));
