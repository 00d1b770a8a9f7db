// The gateway's HTTP API: see /docs.

/** A request that was refused, in words that can be shown. */
export class Problem extends Error {
  constructor(status, detail, { type = '', errors = {} } = {}) {
    super(detail);
    this.status = status;
    this.type = type;
    this.errors = errors;
  }
}

async function send(method, path, body) {
  let answer;
  try {
    answer = await fetch(path, {
      method,
      headers: method === 'GET' ? undefined : { 'content-type': 'application/json' },
      body: body === undefined ? undefined : JSON.stringify(body),
    });
  } catch {
    throw new Problem(0, method === 'GET' ? 'The gateway does not answer.' : 'The gateway does not answer; whether anything has changed is not known.');
  }
  if (answer.ok) return answer.status === 204 ? null : answer.json();
  const problem = await answer.json().catch(() => null);
  // Health answers 503 with a report when it is bad: that is an answer.
  if (problem?.queues) return problem;
  const fields = Object.entries(problem?.errors ?? {}).map(([field, texts]) => `${field} ${texts.join(' ')}`);
  throw new Problem(answer.status, fields.join(' ') || problem?.detail || `The gateway answered ${answer.status}.`, problem ?? {});
}

export const get = path => send('GET', path);
export const post = (path, body) => send('POST', path, body);
export const remove = path => send('DELETE', path);

/** The answer, or null where the gateway has nothing at this path. */
export const getIfThere = path => get(path).catch(problem => {
  if (problem.status === 404) return null;
  throw problem;
});

export const queuePath = (queue, rest = '') => `/queue/${encodeURIComponent(queue)}${rest}`;
export const jobPath = (queue, id, rest = '') => queuePath(queue, `/jobs/${encodeURIComponent(id)}${rest}`);
export const jobView = (queue, id) => `/queues/${encodeURIComponent(queue)}/jobs/${encodeURIComponent(id)}`;
export const queueView = (queue, query = '') => `/queues/${encodeURIComponent(queue)}${query}`;

/** Runs work for each of many, a few at once; answers how many went well, and the first problem. */
export async function forEach(items, work, atOnce = 6) {
  const left = [...items];
  let done = 0;
  let problem = null;
  await Promise.all(Array.from({ length: atOnce }, async () => {
    while (left.length > 0) {
      try {
        await work(left.shift());
        done++;
      } catch (refusal) {
        problem ??= refusal;
      }
    }
  }));
  return { done, problem };
}
