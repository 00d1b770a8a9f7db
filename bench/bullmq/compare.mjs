// Runs the contestants by turns, each run a process of its own on an empty Redis, and prints what the medians are to BullMQ's. Called by bench/compare.
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';

const here = dirname(fileURLToPath(import.meta.url));
const ours = join(here, '../WhiteCross.Bench.Queue/bin/Release/net10.0/WhiteCross.Bench.Queue.dll');
const daprd = process.env.DAPRD_PATH;
// As in bench/direct and bench/sidecar: a run lives for seconds, of which a process that compiles its hot paths twice spends a third on that.
const compiledOnce = { DOTNET_TieredCompilation: '0', DOTNET_ReadyToRun: '0' };
const peers = {
  direct: scenario => ['dotnet', ['exec', ours, 'direct', scenario], compiledOnce],
  sidecar: scenario => ['dotnet', ['exec', ours, 'sidecar', scenario], { ...compiledOnce, DAPRD_PATH: '' }],
  ...daprd && { daprd: scenario => ['dotnet', ['exec', ours, 'sidecar', scenario], compiledOnce] },
  bullmq: scenario => [process.execPath, [join(here, 'bench.mjs'), scenario], {}],
};
/** Each scenario's part of BENCH_N jobs, and its rows in the table. */
const scenarios = {
  'enqueue-single': [1, { 'enqueue one by one, jobs/s': 'perSecond' }],
  'enqueue-bulk': [1, { 'enqueue in bulk, jobs/s': 'perSecond' }],
  'process': [1, { 'process a backlog, jobs/s': 'perSecond' }],
  'end-to-end': [1, { 'end to end, jobs/s': 'perSecond', 'end to end, p99 from add to handler': 'p99ms' }],
  'priority': [0.5, { 'process four priorities, jobs/s': 'perSecond' }],
  'progress': [0.5, { 'four progress reports a job, jobs/s': 'perSecond' }],
  'retry': [0.25, { 'every fifth fails once, jobs/s': 'perSecond' }],
  'latency': [1, { 'latency at 300 jobs/s, p50': 'p50ms', 'latency at 300 jobs/s, p99': 'p99ms' }],
};

const { values, positionals } = parseArgs({ allowPositionals: true, options: { repeats: { type: 'string', default: '3' }, stolen: { type: 'string', default: '100' } } });
const [repeats, mostStolen, chosen] = [Number(values.repeats), Number(values.stolen) / 100, positionals.length > 0 ? positionals : Object.keys(scenarios)];
const unknown = chosen.find(name => !Object.hasOwn(scenarios, name));
const refused = !(Number.isInteger(repeats) && repeats > 0) ? `--repeats is '${values.repeats}'; it must be a whole number above 0.`
  : !(mostStolen >= 0) ? `--stolen is '${values.stolen}'; it must be a number of percent, 0 or more.`
  : unknown !== undefined ? `There is no scenario '${unknown}'; there are: ${Object.keys(scenarios).join(', ')}.`
  : undefined;
if (refused !== undefined) {
  console.error(refused);
  process.exit(2);
}

const emptyRedis = () => new Promise((resolve, reject) => {
  const socket = connect(Number(process.env.BENCH_REDIS_PORT), process.env.BENCH_REDIS_HOST, () => socket.write('FLUSHALL\r\n'));
  socket.once('data', answer => { socket.end(); String(answer).startsWith('+OK') ? resolve() : reject(new Error(`Redis does not empty itself: ${answer}`)); });
  socket.once('error', reject);
});

/** Processor time that the hypervisor took from this machine, and all there was; null where the kernel does not say. */
const processorTime = () => {
  try {
    const ticks = readFileSync('/proc/stat', 'utf8').split('\n')[0].trim().split(/\s+/).slice(1, 9).map(Number);
    return { stolen: ticks[7], all: ticks.reduce((sum, some) => sum + some, 0) };
  } catch {
    return null;
  }
};

/** One run of a contestant, and what part of the machine the hypervisor took meanwhile. */
async function measure(peer, scenario) {
  await emptyRedis();
  const [command, args, environment] = peers[peer](scenario);
  const before = processorTime();
  const count = Math.round((Number(process.env.BENCH_N) || 20000) * scenarios[scenario][0]);
  const { stdout } = await promisify(execFile)(command, args, { env: { ...process.env, ...environment, BENCH_N: String(count) }, maxBuffer: 1 << 26 });
  const after = processorTime();
  return { ...JSON.parse(stdout.trim().split('\n').at(-1)), peer, scenario, stolen: before && after && (after.stolen - before.stolen) / (after.all - before.all) };
}

/** The first run of which the hypervisor took no more than it may, or the one of five of which it took least: the same for every contestant. */
async function measureUndisturbed(peer, scenario) {
  let best;
  for (let tries = 0; tries < 5 && (best === undefined || best.stolen > mostStolen); tries++) {
    const run = await measure(peer, scenario);
    best = best === undefined || run.stolen < best.stolen ? run : best;
  }
  return best;
}

const runs = [];
for (let repeat = 1; repeat <= repeats; repeat++) {
  for (const scenario of chosen) {
    for (const peer of Object.keys(peers)) {
      const run = await measureUndisturbed(peer, scenario);
      runs.push(run);
      console.error(`${repeat}/${repeats} ${scenario} ${peer}: ${run.perSecond.toFixed(0)} jobs/s${run.p99ms ? `, p99 ${run.p99ms.toFixed(1)} ms` : ''}${run.stolen === null ? '' : `, the hypervisor took ${(100 * run.stolen).toFixed(1)} %`}`);
    }
  }
}

const of = (scenario, peer, field) => runs.filter(run => run.scenario === scenario && run.peer === peer).map(run => run[field]).sort((a, b) => a - b);
const median = sorted => sorted[Math.floor(sorted.length / 2)];
console.log('Medians, BullMQ being 1; in brackets the lowest and the highest run to BullMQ\'s median.\n');
const names = Object.keys(peers);
console.log(`| scenario | ${names.join(' | ')} | Redis commands a job: ${names.join(' / ')} | Redis CPU, direct to BullMQ | through a sidecar a job: events / deliveries / bytes |`);
console.log(`| --- |${' ---: |'.repeat(names.length)} ---: | ---: | ---: |`);
for (const scenario of chosen) {
  const commands = Object.keys(peers).map(peer => median(of(scenario, peer, 'redisOpsPerJob')).toFixed(1));
  const processor = median(of(scenario, 'direct', 'redisCpuUsPerJob')) / median(of(scenario, 'bullmq', 'redisCpuUsPerJob'));
  const through = daprd ? 'daprd' : 'sidecar';
  const traffic = ['sidecarEntriesPerJob', 'sidecarDeliveriesPerJob', 'sidecarBytesPerJob'].map((field, i) => median(of(scenario, through, field)).toFixed(i < 2 ? 3 : 0)).join(' / ');
  for (const [row, field] of Object.entries(scenarios[scenario][1])) {
    const unit = median(of(scenario, 'bullmq', field));
    const cells = Object.keys(peers).map(peer => {
      const ratios = of(scenario, peer, field).map(value => (value / unit).toFixed(2));
      return `${median(ratios)} (${ratios[0]}..${ratios.at(-1)})`;
    });
    console.log(`| ${[row, ...cells, commands.join(' / '), processor.toFixed(2), traffic].join(' | ')} |`);
  }
}
