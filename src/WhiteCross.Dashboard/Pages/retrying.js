// Retries of many jobs: held back for a while, in which they can be undone, where the settings say so.
import { get, post, queuePath } from './api.js';
import { attempt, notify, notifyUntil } from './dialogs.js';
import { many } from './format.js';

const looks = 20;
const sum = numbers => numbers.reduce((total, number) => total + number, 0);
const waitAgain = count => `${many(count, 'job waits', 'jobs wait')} again.`;
const after = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

/** Makes failed jobs wait again; `jobs`: for each queue the ids, or null for all that have failed. Tells what comes of it. */
export async function retryMany(jobs, seconds, reload) {
  const answers = [];
  let problem = null;
  for (const [queue, jobIds] of jobs) {
    try {
      answers.push(await post(queuePath(queue, `/failed/retry?undoSeconds=${seconds}`), jobIds ? { jobIds } : {}));
    } catch (refusal) {
      problem ??= refusal;
    }
  }
  const held = answers.filter(answer => answer.id);
  const retried = sum(answers.map(answer => answer.retried ?? 0));
  await reload();
  if (held.length > 0) hold(held, seconds, reload);
  else if (answers.length > 0) notify(waitAgain(retried));
  if (problem) notify(problem.message, { isProblem: true });
}

const retryPath = (retry, rest = '') => queuePath(retry.queue, `/retries/${encodeURIComponent(retry.id)}${rest}`);

function hold(held, seconds, reload) {
  const count = sum(held.map(retry => retry.count));
  notifyUntil(`${many(count, 'failed job waits', 'failed jobs wait')} again in ${many(seconds, 'second')}.`, seconds, {
    undo: () => attempt(async () => {
      await Promise.all(held.map(retry => post(retryPath(retry, '/undo'))));
      await reload();
      return `Undone: ${many(count, 'job stays', 'jobs stay')} failed.`;
    }),
    then: () => attempt(async () => {
      await haveRun(held);
      await reload();
      return waitAgain(count);
    }),
  });
}

// The gateway runs them within a second after their time.
async function haveRun(held) {
  for (let look = 0; look < looks; look++) {
    const now = await Promise.all(held.map(retry => get(retryPath(retry))));
    if (now.every(retry => retry.state === 'done')) return;
    if (now.some(retry => retry.state === 'undone')) throw new Error('Somebody else has undone it: the jobs stay failed.');
    await after(500);
  }
  throw new Error('The jobs do not wait again yet; look at the queue.');
}
