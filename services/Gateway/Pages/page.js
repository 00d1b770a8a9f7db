const states = ['waiting', 'active', 'delayed', 'completed', 'failed', 'paused'];
const perQueue = 10;
const rows = new Map();
const items = new Map();
const connection = document.getElementById('connection');
const notice = document.getElementById('notice');
let due = false;
let looking = false;
let again = false;

function element(tag, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  return made;
}

// Assistive technology announces a status whenever it is written, so it is written only when it says something new.
function say(where, text) {
  if (where.textContent !== text) where.textContent = text;
}

async function read(path) {
  const answer = await fetch(path);
  if (!answer.ok) throw new Error(answer.status === 503 ? 'The job store does not answer.' : `The gateway answered ${answer.status}.`);
  return answer.json();
}

async function act(path, done) {
  try {
    const answer = await fetch(path, { method: 'POST' });
    const problem = answer.ok ? null : await answer.json().catch(() => null);
    say(notice, answer.ok ? done : problem?.detail ?? `The gateway answered ${answer.status}.`);
  } catch {
    say(notice, 'The gateway does not answer; nothing may have changed.');
  }
  await refresh();
}

function rowOf(name) {
  if (rows.has(name)) return rows.get(name);
  const tr = element('tr');
  const head = element('th', name);
  head.scope = 'row';
  tr.append(head);
  const cells = Object.fromEntries(states.map(state => {
    const td = element('td', '0');
    tr.append(td);
    return [state, td];
  }));
  const button = element('button', 'Pause');
  button.type = 'button';
  const action = element('td');
  action.append(button);
  tr.append(action);
  button.addEventListener('click', () => act(`/queue/${name}/${button.dataset.action}`, `Queue ${name}: ${button.dataset.action}d.`));
  document.getElementById('queues').append(tr);
  const row = { cells, button };
  rows.set(name, row);
  return row;
}

function itemOf(job) {
  const key = `${job.queueName}/${job.jobId}`;
  const known = items.get(key);
  if (known) return [key, known];
  const item = element('li');
  const retry = element('button', 'Retry');
  retry.type = 'button';
  retry.setAttribute('aria-label', `Retry job ${job.jobId} of ${job.queueName}`);
  retry.addEventListener('click', () =>
    act(`/queue/${job.queueName}/jobs/${encodeURIComponent(job.jobId)}/retry`, `Job ${job.jobId} waits again.`));
  item.append(element('strong', job.queueName), ' ', element('code', job.jobId), ' ', element('span', job.error?.message ?? ''), ' ', retry);
  return [key, item];
}

// What stays is left in its place: whoever has a button in focus keeps it.
function showFailed(failed) {
  const list = document.getElementById('failed');
  const wanted = new Map(failed.map(itemOf));
  const lostFocus = list.contains(document.activeElement) && ![...wanted.values()].some(item => item.contains(document.activeElement));
  for (const [key, item] of items) {
    if (!wanted.has(key)) item.remove();
  }
  items.clear();
  let place = list.firstElementChild;
  for (const [key, item] of wanted) {
    items.set(key, item);
    if (item === place) place = place.nextElementSibling;
    else list.insertBefore(item, place);
  }
  document.getElementById('failed-none').hidden = failed.length > 0;
  if (lostFocus) (list.querySelector('button') ?? document.getElementById('failed-title')).focus();
}

async function look() {
  const report = await read('/queue/metrics');
  for (const queue of Object.values(report.queues)) {
    const row = rowOf(queue.name);
    for (const state of states) row.cells[state].textContent = queue[state];
    const action = queue.isPaused ? 'resume' : 'pause';
    if (row.button.dataset.action !== action) {
      row.button.dataset.action = action;
      row.button.textContent = queue.isPaused ? 'Resume' : 'Pause';
      row.button.setAttribute('aria-label', `${row.button.textContent} ${queue.name}`);
    }
  }
  const names = Object.values(report.queues).filter(queue => queue.failed > 0).map(queue => queue.name);
  showFailed((await Promise.all(names.map(name => read(`/queue/${name}/failed?limit=${perQueue}`)))).flat());
}

// One look at a time, so that an older answer never overwrites a newer one; who asks meanwhile gets one more.
async function refresh() {
  again = looking;
  if (looking) return;
  looking = true;
  try {
    do {
      again = false;
      await look();
    } while (again);
    say(connection, events.readyState === EventSource.OPEN ? 'Live.' : 'Connecting …');
  } catch (error) {
    say(connection, error instanceof TypeError ? 'The gateway does not answer; trying again …' : error.message);
  } finally {
    looking = false;
  }
}

// Many changes at once become one look.
function soon() {
  if (due) return;
  due = true;
  setTimeout(() => { due = false; refresh(); }, 250);
}

const events = new EventSource('/queue/events');
events.addEventListener('open', refresh);
events.addEventListener('error', () => say(connection, 'Connection lost; trying again …'));
events.addEventListener('state', soon);
events.addEventListener('removed', soon);
refresh();
setInterval(refresh, 5000);
