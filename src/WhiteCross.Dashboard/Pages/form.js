// Forms for what the API takes, made from its own description: which fields there are, what each may be, and what it means. The API judges what is typed, and what
// it says of a field stands beside it.
import { get } from './api.js';
import { h } from './dom.js';

let schemas = null;

const described = () => schemas ??= get('/openapi/v1.json').then(api => api.components.schemas).catch(problem => {
  schemas = null;
  throw problem;
});

/** The fields of a type of job's data, and an example of it. */
export async function fieldsOf(type) {
  const all = await described();
  const envelope = Object.values(all).find(schema => schema.properties?.data && schema.properties.type?.enum?.includes(type));
  const data = resolve(all, envelope.properties.data);
  return {
    text: envelope.description,
    example: data.example ?? {},
    fields: Object.entries(data.properties).map(([name, schema]) => ({ name, required: data.required?.includes(name), ...kindOf(all, schema) })),
  };
}

const resolve = (all, schema) => schema.$ref ? all[schema.$ref.split('/').at(-1)] : schema;

function kindOf(all, schema) {
  const given = resolve(all, schema.oneOf?.find(one => one.$ref) ?? schema);
  const text = schema.description ?? given.description ?? '';
  const types = [given.type].flat().filter(type => type !== 'null');
  if (given.enum) return { kind: 'choice', text, options: given.enum };
  if (types.includes('boolean')) return { kind: 'choice', text, options: ['true', 'false'], isJson: true };
  if (types.includes('integer') || types.includes('number')) return { kind: 'line', text, isJson: true };
  if (types.includes('array') && resolve(all, given.items ?? {}).type === 'string') return { kind: 'lines', text: `${text} One on a line.` };
  if (types.includes('string')) return { kind: /[0-9],000 characters|HTML|text part/.test(text) ? 'text' : 'line', text };
  return { kind: 'text', text: `${text} JSON.`, isJson: true };
}

/** What was typed into a form, and what is wrong with it. `onchange` is told when the form itself is another. */
export class Form {
  values = {};
  errors = {};

  constructor(draw) {
    this.draw = draw;
  }

  /** Takes values as the API gives them. */
  fill(fields, data, path = '') {
    for (const { name, kind, isJson } of fields) {
      const value = data[name];
      this.values[path + name] = value === undefined || value === null ? '' : kind === 'lines' ? value.join('\n') : isJson ? JSON.stringify(value) : String(value);
    }
  }

  /** The values as the API takes them; what is empty is left out. */
  read(fields, path = '') {
    const data = {};
    for (const { name, kind, isJson } of fields) {
      const typed = (this.values[path + name] ?? '').trim();
      if (typed !== '') data[name] = kind === 'lines' ? typed.split('\n').map(line => line.trim()).filter(Boolean) : isJson ? jsonOf(typed) : typed;
    }
    return data;
  }

  /** Puts what the API says of each field beside it; answers what it says of none that is here. */
  takeErrors(errors) {
    this.errors = errors;
    this.draw();
    document.querySelector('main [aria-invalid]')?.focus();
  }

  /** What is wrong with fields that this form does not show. */
  others(paths) {
    return Object.entries(this.errors).filter(([field]) => !paths.some(path => isOf(field, path)));
  }

  field({ name, kind, text, options, required }, path = '') {
    const key = path + name;
    const wrong = Object.entries(this.errors).filter(([field]) => isOf(field, key));
    const told = wrong.length > 0 && `${key}-wrong`;
    const attributes = {
      id: key, value: this.values[key] ?? '', required: required || null, autocomplete: 'off', spellcheck: kind === 'text' ? null : 'false',
      'aria-invalid': wrong.length > 0 ? 'true' : null, 'aria-describedby': [text && `${key}-text`, told].filter(Boolean).join(' ') || null,
      oninput: event => { this.values[key] = event.target.value; },
    };
    const control = kind === 'choice' ? h('select', { ...attributes, onchange: attributes.oninput }, (required ? options : ['', ...options]).map(option => h('option', { value: option }, option)))
      : kind === 'line' ? h('input', { type: 'text', ...attributes })
        : h('textarea', { rows: kind === 'lines' ? '3' : '4', ...attributes });
    if (kind === 'choice' && required) this.values[key] ||= options[0];
    return h('div', { class: 'entry', key },
      h('label', { for: key }, name, required && h('span', { class: 'soft', 'aria-hidden': 'true' }, ' required')), control,
      text && h('small', { id: `${key}-text` }, text),
      told && h('p', { class: 'error', id: told }, wrong.map(([field, texts]) => `${field === key ? '' : `${field.slice(key.length + 1)} `}${texts.join(' ')}`).join(' ')));
  }
}

// A field, or a part of it.
const isOf = (field, path) => field === path || field.startsWith(`${path}.`) || field.startsWith(`${path}[`);

// What is no JSON goes as text: then the API says what it should be.
function jsonOf(typed) {
  try {
    return JSON.parse(typed);
  } catch {
    return typed;
  }
}
