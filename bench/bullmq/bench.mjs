// BullMQ in the scenarios of bench/direct: node bench.mjs SCENARIO prints a line of JSON. Redis by BENCH_REDIS_HOST and BENCH_REDIS_PORT.
// Adders and worker share this process, except in end-to-end, where the adders are a second one: Node then has both cores, as .NET has.
import { fork } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { Queue, Worker } from 'bullmq';
import { Redis } from 'ioredis';

const number = (name, otherwise) => Number(process.env[name] || otherwise);
const settings = {
  jobs: number('BENCH_N', 20000),
  warmUp: number('BENCH_WARMUP', 2000),
  adders: number('BENCH_ADDERS', 50),
  bulk: number('BENCH_BATCH', 100),
  concurrency: number('BENCH_CONCURRENCY', 10),
  rate: number('BENCH_RATE', 300),
  seconds: number('BENCH_RATE_SECONDS', 20),
  keep: number('BENCH_KEEP', 1000),
};
const connection = { host: process.env.BENCH_REDIS_HOST || '127.0.0.1', port: number('BENCH_REDIS_PORT', 6392), maxRetriesPerRequest: null };
const name = 'message-delivery';
const content = 'The quick brown fox jumps over the lazy dog. '.repeat(5).slice(0, 200);

// The clock is the machine's, so that two processes can compare what they read; milliseconds.
const now = () => Number(process.hrtime.bigint()) / 1e6;
const make = count => Array.from({ length: count }, () => ({
  messageId: randomUUID(), senderId: randomUUID(), recipientId: randomUUID(), conversationId: randomUUID(), content, createdAt: new Date().toISOString(),
}));
const optionsOf = more => ({ attempts: 5, backoff: { type: 'exponential', delay: 2000 }, removeOnComplete: { count: settings.keep }, ...more });

/** Adds by as many adders as there are, each awaiting one add before the next. How long each took, and when each job's add was called. */
async function addAll(queue, jobs, bulk, optionsAt = () => optionsOf()) {
  const times = [], calls = new Map();
  let next = 0;
  await Promise.all(Array.from({ length: settings.adders }, async () => {
    while (next < jobs.length) {
      const from = next;
      next += bulk;
      const since = now();
      const added = bulk === 1
        ? [await queue.add(name, jobs[from], optionsAt(from))]
        : await queue.addBulk(jobs.slice(from, from + bulk).map((data, i) => ({ name, data, opts: optionsAt(from + i) })));
      times.push(now() - since);
      added.forEach(job => calls.set(job.id, since));
    }
  }));
  return { times, calls };
}

/** A worker that runs `handle`; `done` ends once `count` jobs have completed on record. */
function work(count, handle = async () => {}) {
  const begun = new Map(), order = [];
  let completed = 0, calls = 0, worker;
  const done = new Promise((resolve, reject) => {
    worker = new Worker(name, async job => {
      begun.set(job.id, now());
      order.push(job.opts.priority);
      calls++;
      return handle(job);
    }, { connection, concurrency: settings.concurrency, autorun: false });
    worker.on('completed', () => ++completed === count && resolve());
    worker.on('error', reject);
  });
  return { worker, done, begun, order, handlerCalls: () => calls };
}

async function process_(queue, count, handle, optionsAt) {
  await addAll(queue, make(count), settings.bulk, optionsAt);
  const running = work(count, handle);
  await running.worker.waitUntilReady();
  return { running, during: async () => { running.worker.run(); await running.done; } };
}

const delays = (calls, begun) => [...calls].map(([id, at]) => Math.max(0, begun.get(id) - at));

const scenarios = {
  'enqueue-single': async (queue, count) => { const jobs = make(count); return { during: async () => (await addAll(queue, jobs, 1)).times }; },
  'enqueue-bulk': async (queue, count) => { const jobs = make(count); return { during: async () => (await addAll(queue, jobs, settings.bulk)).times }; },
  'process': (queue, count) => process_(queue, count),
  'end-to-end': async (queue, count) => {
    const running = work(count);
    await running.worker.waitUntilReady();
    running.worker.run();
    const adder = fork(fileURLToPath(import.meta.url), ['add', String(count)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    const message = () => new Promise((resolve, reject) => { adder.once('message', resolve); adder.once('exit', code => reject(new Error(`The adders ended with ${code}.`))); });
    await message();
    return {
      running,
      during: async () => {
        const added = message();
        adder.send('go');
        const [{ calls, processor }] = await Promise.all([added, running.done]);
        adder.removeAllListeners('exit');
        adder.disconnect();
        return Object.assign(delays(calls, running.begun), { processor });
      },
    };
  },
  'latency': async (queue, count) => {
    const jobs = make(count), running = work(count);
    await running.worker.waitUntilReady();
    running.worker.run();
    return {
      running,
      during: async () => {
        const begun = now(), calls = new Map(), adds = [];
        await new Promise(resolve => {
          // An open loop: as many as the time that has gone asks for, whatever became of those before.
          const timer = setInterval(() => {
            for (const due = Math.min(count, Math.floor((now() - begun) / 1000 * settings.rate)); adds.length < due;) {
              const since = now();
              adds.push(queue.add(name, jobs[adds.length], optionsOf()).then(job => calls.set(job.id, since)));
            }
            if (adds.length === count) { clearInterval(timer); resolve(); }
          }, 1);
        });
        await Promise.all([...adds, running.done]);
        return delays(calls, running.begun);
      },
    };
  },
  'priority': async (queue, count) => {
    const level = i => 4 - i % 4; // 1 is the highest.
    const { running, during } = await process_(queue, count, undefined, i => optionsOf({ priority: level(i) }));
    return {
      running, during,
      more: () => {
        const left = [0, 0, 0, 0, 0];
        for (let i = 0; i < count; i++) left[level(i)]++;
        let outOfOrder = 0;
        for (const priority of running.order) {
          left[priority]--;
          outOfOrder += left.slice(1, priority).some(waiting => waiting > 0) ? 1 : 0;
        }
        return { outOfOrder };
      },
    };
  },
  'progress': (queue, count) => process_(queue, count, async job => { for (const percent of [25, 50, 75, 100]) await job.updateProgress(percent); }),
  'retry': async (queue, count) => {
    const seen = new Set();
    const { running, during } = await process_(queue, count, async job => {
      if (Number(job.id) % 5 === 0 && !seen.has(job.id)) { seen.add(job.id); throw new Error('It fails once.'); }
    }, () => optionsOf({ backoff: { type: 'fixed', delay: 1000 } }));
    return { running, during, more: () => ({ distinctDone: running.begun.size, handlerCalls: running.handlerCalls() }) };
  },
};

/** What Redis has done since it started. */
async function counters(redis) {
  const text = await redis.info('all');
  const field = name => Number(text.match(new RegExp(`^${name}:([\\d.]+)`, 'm'))[1]);
  const calls = [...text.matchAll(/^cmdstat_([^:]+):calls=(\d+)/gm)];
  const sum = wanted => calls.filter(([, command]) => wanted(command)).reduce((total, [, , count]) => total + Number(count), 0);
  const isScript = command => /^(eval|evalsha|fcall)/.test(command);
  return {
    commands: sum(() => true), scripts: sum(isScript), in: field('total_net_input_bytes'), out: field('total_net_output_bytes'),
    processor: (field('used_cpu_user') + field('used_cpu_sys')) * 1e6,
  };
}

async function run(scenario, count) {
  const queue = new Queue(name, { connection }), redis = new Redis(connection);
  await queue.waitUntilReady();
  const { running, during, more } = await scenarios[scenario](queue, count);
  const [before, processor, since] = [await counters(redis), process.cpuUsage(), now()];
  const times = await during();
  const seconds = (now() - since) / 1000;
  const [used, after] = [process.cpuUsage(processor), await counters(redis)];
  const sorted = times?.toSorted((a, b) => a - b);
  const result = {
    peer: 'bullmq', scenario, n: count, seconds, perSecond: count / seconds,
    p50ms: sorted?.[Math.floor(sorted.length * 0.5)] ?? null, p99ms: sorted?.[Math.floor(sorted.length * 0.99)] ?? null,
    redisOpsPerJob: (after.commands - before.commands - 1) / count, redisScriptsPerJob: (after.scripts - before.scripts) / count,
    redisCpuUsPerJob: (after.processor - before.processor) / count, redisInBytesPerJob: (after.in - before.in) / count,
    redisOutBytesPerJob: (after.out - before.out) / count, clientCpuUsPerJob: (used.user + used.system + (times?.processor ?? 0)) / count,
    ...more?.(),
  };
  await running?.worker.close();
  await queue.obliterate({ force: true });
  await Promise.all([queue.close(), redis.quit()]);
  return result;
}

if (process.argv[2] === 'add') {
  const queue = new Queue(name, { connection }), jobs = make(Number(process.argv[3]));
  await queue.waitUntilReady();
  process.once('message', async () => {
    const processor = process.cpuUsage();
    const { calls } = await addAll(queue, jobs, 1);
    const used = process.cpuUsage(processor);
    process.send({ calls: [...calls], processor: used.user + used.system });
  });
  process.once('disconnect', () => process.exit());
  process.send('ready');
} else if (!Object.hasOwn(scenarios, process.argv[2] ?? '')) {
  console.error(`There is no scenario '${process.argv[2] ?? ''}'; there are: ${Object.keys(scenarios).join(', ')}.`);
  process.exitCode = 2;
} else {
  const scenario = process.argv[2], count = scenario === 'latency' ? settings.rate * settings.seconds : settings.jobs;
  if (settings.warmUp > 0) await run(scenario, Math.min(settings.warmUp, count));
  console.log(JSON.stringify(await run(scenario, count)));
}
