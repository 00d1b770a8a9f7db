const states = ['waiting', 'active', 'delayed', 'completed', 'failed', 'paused'];
const rows = new Map();
let due = false;

function element(tag, text) {
  const made = document.createElement(tag);
  if (text !== undefined) made.textContent = text;
  return made;
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
  const action = element('td');
  action.append(button);
  tr.append(action);
  button.addEventListener('click', async () => {
    await fetch(`/queue/${name}/${button.dataset.action}`, { method: 'POST' });
    refresh();
  });
  document.getElementById('queues').append(tr);
  const row = { cells, button };
  rows.set(name, row);
  return row;
}

async function showFailed(report) {
  const list = document.getElementById('failed');
  const names = Object.values(report.queues).filter(queue => queue.failed > 0).map(queue => queue.name);
  const failed = (await Promise.all(names.map(name => fetch(`/queue/${name}/failed?limit=10`).then(answer => answer.json())))).flat();
  document.getElementById('failed-none').hidden = failed.length > 0;
  list.replaceChildren(...failed.map(job => {
    const item = element('li');
    item.append(element('strong', job.queueName), ' ', element('code', job.jobId), ' ', job.error?.message ?? '', ' ');
    const retry = element('button', 'Retry');
    retry.setAttribute('aria-label', `Retry job ${job.jobId}`);
    retry.addEventListener('click', async () => {
      await fetch(`/queue/${job.queueName}/jobs/${encodeURIComponent(job.jobId)}/retry`, { method: 'POST' });
      refresh();
    });
    item.append(retry);
    return item;
  }));
}

async function refresh() {
  const answer = await fetch('/queue/metrics');
  if (!answer.ok) {
    document.getElementById('connection').textContent = 'The job store does not answer.';
    return;
  }
  const report = await answer.json();
  for (const queue of Object.values(report.queues)) {
    const row = rowOf(queue.name);
    for (const state of states) row.cells[state].textContent = queue[state];
    row.button.textContent = queue.isPaused ? 'Resume' : 'Pause';
    row.button.dataset.action = queue.isPaused ? 'resume' : 'pause';
    row.button.setAttribute('aria-label', `${row.button.textContent} ${queue.name}`);
  }
  await showFailed(report);
}

// Many changes at once become one look.
function soon() {
  if (due) return;
  due = true;
  setTimeout(() => { due = false; refresh(); }, 250);
}

const events = new EventSource('/queue/events');
events.addEventListener('open', () => { document.getElementById('connection').textContent = 'Live.'; });
events.addEventListener('error', () => { document.getElementById('connection').textContent = 'Connection lost; trying again …'; });
events.addEventListener('state', soon);
events.addEventListener('removed', soon);
refresh();
setInterval(refresh, 5000);
