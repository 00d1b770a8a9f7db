import { get, getIfThere, jobPath, jobView, post, queuePath, queueView, remove } from '../api.js';
import { ask, attempt, notify, tell } from '../dialogs.js';
import { h } from '../dom.js';
import { editJob } from '../editing.js';
import { between, duration } from '../format.js';
import { badge, button, facts, kindOf, moment, progressOf } from '../parts.js';

const ended = ['completed', 'failed'];
const batchQueue = 'batch-message-sending';
const uuidFirst = /^([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):/i;

/** One job: what happened to it and why. What it is about is shown only when asked for. */
export default function job({ params, settings, go, draw, reload }) {
  const { queue, id } = params;
  let record = null;
  let why = null;
  let content = null;
  let source = null;
  let soon = null;
  let batch = null;
  let isBatchKnown = false;
  // The messages of a batch are named after it: <batch>:<recipient>.
  const batchId = uuidFirst.exec(id)?.[1];
  const batchPath = queue === batchQueue ? `/batches/find?limit=0&jobId=${encodeURIComponent(id)}` : batchId && `/batches/${batchId}?limit=0`;

  async function load() {
    record = await get(jobPath(queue, id, '?data=false'));
    why = ['waiting', 'paused', 'delayed'].includes(record.state) ? await getIfThere(jobPath(queue, id, '/why')) : null;
    // A batch and its messages lead to each other, unless the batches' service is away.
    if (batchPath && record.startedAt && !isBatchKnown) {
      batch = await getIfThere(batchPath).catch(() => null);
      isBatchKnown = batch !== null || ended.includes(record.state);
    }
    follow();
  }

  // Progress and log lines are told to those only who watch the job.
  function follow() {
    if (ended.includes(record.state)) {
      source?.close();
      source = null;
      return;
    }
    if (source) return;
    source = new EventSource(jobPath(queue, id, '/events'));
    const look = () => { soon ??= setTimeout(() => { soon = null; reload(); }, 300); };
    source.addEventListener('progress', look);
    source.addEventListener('log', look);
    // It begins with the present state: what happened before that was not heard. It ends with the job; a browser would take that for a lost connection.
    source.addEventListener('state', event => {
      if (ended.includes(JSON.parse(event.data).state)) {
        source?.close();
        source = null;
      }
      look();
    });
  }

  const change = (action, done) => attempt(async () => {
    await post(jobPath(queue, id, `/${action}`));
    await reload();
    return done;
  });

  const cancel = async () => {
    const text = record.state === 'active' ? 'It is told to stop, and fails as cancelled when it does.' : 'It fails as cancelled, without another attempt.';
    if (await ask({ title: 'Cancel this job?', text, action: 'Cancel job', isDangerous: true })) await change('cancel', 'The job is cancelled.');
  };

  const discard = async () => {
    if (!await ask({ title: 'Remove this job?', text: 'Its record goes for good.', action: 'Remove', isDangerous: true })) return;
    await attempt(async () => {
      await remove(jobPath(queue, id));
      await go(queueView(queue));
      return 'The job is removed.';
    });
  };

  const reveal = async () => {
    const reason = h('input', { required: true, maxlength: '200', 'aria-label': 'Reason', placeholder: 'Why you must see it', autofocus: true });
    const text = 'It may be about a patient. Who looked, when and why is written to the audit log.';
    if (!await ask({ title: 'Reveal what this job is about?', text, content: reason, action: 'Reveal content' })) return;
    await attempt(async () => {
      content = await post(jobPath(queue, id, `/reveal?reason=${encodeURIComponent(reason.value)}`));
      draw();
    });
  };

  function hide() {
    content = null;
    draw();
  }

  function showCurl() {
    const address = content ? queuePath(queue, '/jobs') : jobPath(queue, id);
    const command = content
      ? `curl -X POST ${quoted(location.origin + address)} -H 'content-type: application/json' -d ${quoted(JSON.stringify({ type: record.type, options: withoutNulls(record.options), data: content.data }))}`
      : `curl ${quoted(`${location.origin}${address}?data=false`)}`;
    const text = h('textarea', { readonly: true, rows: '6', value: command, 'aria-label': 'Command' });
    tell(content ? 'Add this job again with curl' : 'Read this job with curl', text, h('div', { class: 'row' }, button('Copy', async () => {
      text.select();
      // There is no clipboard on a plain http:// address: then it is selected, ready for Ctrl-C.
      await navigator.clipboard?.writeText(command);
      notify('Copied.');
    })));
  }

  const traceOf = trace => {
    const text = `${trace.slice(0, 8)}…`;
    return settings.traceUrl
      ? h('a', { href: settings.traceUrl.replace('{traceId}', trace), target: '_blank', rel: 'noopener noreferrer', title: trace }, text)
      : h('span', { title: trace }, text);
  };

  const actionsOf = () => [
    record.state === 'failed' && button('Retry', () => change('retry', 'The job waits again.'), { class: 'primary', key: 'retry', needs: 'operator' }),
    record.state === 'failed' && button('Edit and retry …', () => editJob(queue, id, record, reload), { key: 'edit', needs: 'operator' }),
    record.state === 'delayed' && button('Promote', () => change('promote', 'The job is due now.'), { class: 'primary', key: 'promote', needs: 'operator' }),
    !ended.includes(record.state) && button('Cancel …', cancel, { class: 'danger', key: 'cancel', needs: 'operator' }),
    record.state !== 'active' && button('Remove …', discard, { class: 'danger', key: 'remove', needs: 'admin' }),
    button('curl …', showCurl, { key: 'curl' }),
  ];

  function render() {
    if (!record) return h('h1', {}, id);
    return [
      h('p', { class: 'crumbs' }, h('a', { href: queueView(queue) }, queue), ' / ', h('a', { href: queueView(queue, `?state=${record.state}`) }, record.state)),
      h('div', { class: 'row spread', key: 'head' }, h('h1', {}, h('code', {}, id), ' ', badge(record.state)), h('div', { class: 'row' }, actionsOf())),
      why && h('section', { class: 'alert', key: 'why', 'aria-labelledby': 'why' }, h('h2', { id: 'why' }, 'Why it does not run'),
        h('ul', { class: 'plain' }, why.reasons.map(reason => h('li', { key: reason.code }, reason.text, reason.until && ' Due ', reason.until && moment(reason.until), reason.since && ' Since ', reason.since && moment(reason.since))))),
      record.state !== 'completed' && whatIsWrong(record),
      record.progress?.percentage > 0 && progressOf(record.progress, 'step', 'Progress'),
      facts([
        ['Type', record.type || 'none'], ['Priority', record.priority], ['Attempts', `${record.attemptsMade} of ${record.maxAttempts}`],
        ['Added', moment(record.createdAt)], ['Began', moment(record.startedAt)], ['Ended', moment(record.finishedAt)],
        record.nextAttemptAt && ['Next attempt', moment(record.nextAttemptAt)],
        ['Last attempt took', duration(between(record.startedAt, record.finishedAt))],
        record.traceId && ['Trace', traceOf(record.traceId)],
        batch && (queue === batchQueue
          ? ['Messages', [h('a', { href: queueView('message-delivery', `?text=${batch.batchId}`) }, 'of this batch'), ', ', h('a', { href: `/recipients/${batch.batchId}` }, 'by recipient')]]
          : ['Batch', h('a', { href: jobView(batchQueue, batch.jobId) }, batch.jobId)]),
      ]),
      h('section', { key: 'attempts', 'aria-labelledby': 'attempts' }, h('h2', { id: 'attempts' }, 'Attempts'), timeline(record)),
      list('Steps that are done', record.steps, 'steps'),
      record.logs?.length > 0 && h('section', { key: 'logs', 'aria-labelledby': 'logs' }, h('h2', { id: 'logs' }, 'Log'), h('pre', { tabindex: '0' }, record.logs.join('\n'))),
      h('section', { key: 'content', 'aria-labelledby': 'content' },
        h('div', { class: 'row spread' }, h('h2', { id: 'content' }, 'Data and result'), button(content ? 'Hide' : 'Reveal', content ? hide : reveal, { needs: 'operator' })),
        content ? [h('h3', {}, 'Data'), json(content.data), h('h3', {}, 'Result'), json(content.result)] : h('p', { class: 'redacted' }, 'Hidden: it may be about a patient. Reveal it only when you need it; that you do is written to the audit log.')),
    ];
  }

  function close() {
    source?.close();
    clearTimeout(soon);
  }

  return { title: id, load, render, close, ignores: change => change.queue !== queue || change.jobId !== id };
}

const whatIsWrong = record => record.error && h('p', { class: record.state === 'failed' ? 'alert problem' : 'alert', key: 'error' },
  h('strong', {}, `${record.state === 'failed' ? 'Failed' : record.error.code === 'snoozed' ? 'Postponed' : `Last attempt failed${codeOf(record.error)}`}${record.state === 'failed' ? codeOf(record.error) : ''}: `), record.error.message,
  record.state === 'failed' && h('small', {}, wayOut(record.error)));

// What can be done: what has failed for its data fails again with the same data.
const wayOut = error => ['permanent', 'invalid'].includes(error.code)
  ? `${sentence(kindOf(error))} Put right what the error names and retry; if it is the job's data, edit and retry.`
  : `${sentence(kindOf(error))} Once the cause is gone, retry: it has all its attempts before it, and steps that are done are not repeated.`;

// That the handler failed is what is meant by failed.
const codeOf = error => error.code === 'handler' ? '' : ` (${error.code})`;

const sentence = words => `${words[0].toUpperCase()}${words.slice(1)}.`;

function timeline(record) {
  const running = record.state === 'active' && h('li', { class: 'running', key: 'running' }, h('strong', {}, `Attempt ${record.attemptsMade + 1}`), ' runs since ', moment(record.startedAt));
  if (!running && record.attempts.length === 0) return h('p', { class: 'empty' }, 'None yet.');
  return h('ol', { class: 'timeline' }, record.attempts.map(attempt => h('li', { key: attempt.startedAt, class: attempt.error ? 'failed' : 'completed' },
    h('strong', {}, `Attempt ${attempt.number}`), attempt.error ? ` failed${codeOf(attempt.error)} ` : ' completed ', moment(attempt.finishedAt), ` after ${duration(between(attempt.startedAt, attempt.finishedAt))}`,
    attempt.error && h('p', { class: 'error' }, attempt.error.message),
    attempt.error?.stack && h('details', {}, h('summary', {}, 'Stack trace'), h('pre', { tabindex: '0' }, attempt.error.stack)))), running);
}

const list = (title, items, key) => items?.length > 0 && h('section', { key, 'aria-label': title }, h('h2', {}, title), h('ul', { class: 'steps' }, items.map(item => h('li', {}, item))));

const json = value => value === undefined || value === null ? h('p', { class: 'empty' }, 'None.') : h('pre', { tabindex: '0' }, JSON.stringify(value, null, 2));

const withoutNulls = value => Object.fromEntries(Object.entries(value ?? {}).filter(([, part]) => part !== null));

const quoted = text => `'${text.replaceAll("'", `'\\''`)}'`;
