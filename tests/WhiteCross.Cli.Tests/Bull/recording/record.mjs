// Records queues that real Bull and BullMQ have made, as ../bull.json and ../bullmq.json, which the tests of `wc import bull` put into their own Redis.
//   npm ci && node record.mjs 127.0.0.1:6379        on an empty Redis, which it empties again
import { writeFileSync } from 'node:fs';
import Bull from 'bull';
import { FlowProducer, Queue, Worker } from 'bullmq';
import Redis from 'ioredis';

const [host, port] = (process.argv[2] ?? '127.0.0.1:6379').split(':');
const connection = { host, port: Number(port), maxRetriesPerRequest: null };
const redis = new Redis(connection);
if (await redis.dbsize() > 0) {
  console.error('That Redis is not empty.');
  process.exit(2);
}

// Messages of the one library are not those of the other.
let library = 1;
const uuid = number => `00000000-0000-4000-8${library}00-${String(number).padStart(12, '0')}`;
const message = number => ({ messageId: uuid(number), senderId: uuid(1001), recipientId: uuid(1002), conversationId: uuid(1003), content: `Text ${number}` });
const index = number => ({ messageId: uuid(number), operation: 'index', content: `Text ${number}`, senderId: uuid(1001), conversationId: uuid(1003) });
const hour = 3600_000;

/** The jobs that both libraries are given; each library's own come beside them. */
const addAll = async add => {
  await add('message-delivery', 'send-message', message(1), { jobId: 'first' });
  await add('message-delivery', 'send-message', message(2), { attempts: 5, backoff: { type: 'exponential', delay: 3000 } });
  await add('message-delivery', 'sendMessage', message(3), { attempts: 4, backoff: 7000 });
  await add('message-delivery', 'send-message', message(4), { removeOnComplete: true, removeOnFail: true, attempts: 2, backoff: { type: 'mine' } });
  await add('message-delivery', 'send-message', message(5), { priority: 1 });
  await add('message-delivery', 'send-message', message(6), { priority: 3 });
  await add('message-delivery', 'send-message', message(7), { priority: 20 });
  await add('message-delivery', 'send-message', message(8), { delay: hour });
  await add('message-delivery', 'send-message', message(9), { delay: 2 * hour, priority: 2 });
  await add('message-delivery', 'send-message', { ...message(10), content: undefined }, {});
  await add('message-delivery', 'unheard-of', message(11), {});
  await add('message-delivery', 'send-message', message(12), { delay: 400 * 24 * hour });
  await add('message-indexing', 'index-message', index(21), {});
  await add('message-indexing', 'index-message', index(22), {});
};

const dump = async file => {
  const read = {
    string: key => redis.get(key), hash: key => redis.hgetall(key), list: key => redis.lrange(key, 0, -1), set: key => redis.smembers(key),
    zset: async key => { const flat = await redis.zrange(key, 0, -1, 'WITHSCORES'); return flat.flatMap((member, i) => (i % 2 ? [] : [[member, flat[i + 1]]])); },
  };
  const keys = {};
  for (const key of (await redis.keys('*')).sort()) {
    const type = await redis.type(key);
    // Of events, which are a stream, nothing is imported; nor are locks, which run out.
    if (read[type] && !key.endsWith(':lock') && !key.endsWith(':stalled-check')) {
      keys[key] = { type, value: await read[type](key) };
    }
  }

  // A stack names folders of the machine that it came about on.
  for (const { type, value } of Object.values(keys)) {
    if (type === 'hash' && value.stacktrace) {
      value.stacktrace = JSON.stringify(JSON.parse(value.stacktrace).map(stack => `${stack.split('\n')[0]}\n    at deliver (/app/worker.js:1:1)`));
    }
  }

  writeFileSync(new URL(`../${file}`, import.meta.url), JSON.stringify({ recordedAt: Date.now(), keys }, null, 1) + '\n');
  await redis.flushdb();
  library++;
};

const until = async condition => {
  while (!await condition()) {
    await new Promise(resolve => setTimeout(resolve, 20));
  }
};

const fails = () => { throw new Error('The provider said 503'); };

{
  const queues = Object.fromEntries(['message-delivery', 'message-indexing'].map(name => [name, new Bull(name, { redis: connection })]));
  const delivery = queues['message-delivery'];
  // These run and fail before the others are there: one for good, one that is to be tried again.
  delivery.process('send-message', fails);
  await delivery.add('send-message', message(31), { jobId: 'given-up', attempts: 1 });
  await delivery.add('send-message', message(32), { jobId: 'second-try', attempts: 3, backoff: hour });
  await until(async () => (await delivery.getFailedCount()) === 1 && (await delivery.getDelayedCount()) === 1);
  await delivery.pause(true, true);
  await addAll((queue, name, data, options) => queues[queue].add(name, data, options));
  await delivery.add(message(13));
  await delivery.add('send-message', message(14), { lifo: true, timeout: 45000 });
  await delivery.add('send-message', message(15), { repeat: { cron: '0 4 * * *' } });
  await delivery.add('send-message', message(16), { jobId: 'runs', lifo: true });
  await delivery.getNextJob();
  await queues['message-indexing'].pause();
  await dump('bull.json');
  await Promise.all(Object.values(queues).map(queue => queue.close(true)));
}

{
  const queues = Object.fromEntries(['message-delivery', 'message-indexing'].map(name => [name, new Queue(name, { connection })]));
  const delivery = queues['message-delivery'];
  const worker = new Worker('message-delivery', fails, { connection });
  await delivery.add('send-message', message(31), { jobId: 'given-up' });
  await delivery.add('send-message', message(32), { jobId: 'second-try', attempts: 3, backoff: { type: 'fixed', delay: hour } });
  await until(async () => (await delivery.getFailedCount()) === 1 && (await delivery.getDelayedCount()) === 1);
  await worker.close();
  await delivery.add('send-message', message(16), { jobId: 'runs' });
  const idle = new Worker('message-delivery', null, { connection });
  await idle.getNextJob('token');
  await addAll((queue, name, data, options) => queues[queue].add(name, data, options));
  await delivery.add('send-message', message(14), { lifo: true });
  await delivery.upsertJobScheduler('nightly', { pattern: '0 4 * * *' }, { name: 'send-message', data: message(15) });
  const flows = new FlowProducer({ connection });
  await flows.add({ name: 'send-message', queueName: 'message-delivery', data: message(17), opts: { jobId: 'parent' }, children: [{ name: 'index-message', queueName: 'message-indexing', data: index(18), opts: { jobId: 'child' } }] });
  await queues['message-indexing'].pause();
  await dump('bullmq.json');
  await Promise.all([idle.close(true), flows.close(), ...Object.values(queues).map(queue => queue.close())]);
}

await redis.quit();
process.exit(0);
