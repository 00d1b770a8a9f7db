import { Redis } from 'ioredis';
import { readFileSync } from 'node:fs';
import { createHash, randomUUID } from 'node:crypto';
import { spawn } from 'node:child_process';
const dir = process.argv[2], N = Number(process.argv[3] || 20000), B = Number(process.argv[4] || 50);
const port = 27800 + Math.floor(Math.random()*100);
const server = spawn('redis-server', ['--port', port, '--save', '', '--appendonly', 'no', '--dir', '/tmp'], { stdio: 'ignore' });
await new Promise(r => setTimeout(r, 300));
const redis = new Redis({ port });
const load = (name, ...parts) => ['prelude', ...parts].map(p => readFileSync(`${dir}/${p}.lua`, 'utf8') + '\n').join('') + readFileSync(`${dir}/${name}.lua`, 'utf8');
const scripts = { add: load('add'), begin: load('begin'), finish: load('finish', 'write') };
const shas = {}; for (const [n, t] of Object.entries(scripts)) shas[n] = await redis.script('load', t);
const cmds = async () => Object.fromEntries([...(await redis.info('commandstats')).matchAll(/cmdstat_([^:]+):calls=(\d+),usec=(\d+)/g)].map(m=>[m[1],[+m[2],+m[3]]]));
const stats = async () => { const t = await redis.info('all'); const m = t.match(/cmdstat_evalsha:calls=(\d+),usec=(\d+)/); const u = t.match(/used_cpu_user:([\d.]+)/)[1], s = t.match(/used_cpu_sys:([\d.]+)/)[1]; return { usec: m ? Number(m[2]) : 0, cpu: (Number(u) + Number(s)) * 1e6 }; };
const data = JSON.stringify({ messageId: randomUUID(), senderId: randomUUID(), recipientId: randomUUID(), conversationId: randomUUID(), content: 'x'.repeat(200), createdAt: new Date().toISOString() });
const opts = JSON.stringify({ priority: 'NORMAL' });
for (let round = 0; round < Number(process.env.R||7); round++) {
  const ids = Array.from({ length: N }, () => randomUUID());
  const prefix = 'wc:{q}:', channel = 'wc:{q}:changes';
  const phase = async (name, size, args) => {
    const before = await stats(); const c0 = await cmds();
    const calls = [];
    for (let i = 0; i < N; i += size) calls.push(redis.evalshaBuffer(shas[name], 1, prefix, '', channel, ...args(ids.slice(i, i + size))));
    const answers = await Promise.all(calls);
    const after = await stats(); const c1 = await cmds();
    if (round === 2 && process.env.V) console.log(name, Object.entries(c1).map(([k,[n,u]])=>[k,(n-(c0[k]?.[0]||0))/N,(u-(c0[k]?.[1]||0))/N]).filter(x=>x[2]>0.05).sort((a,b)=>b[2]-a[2]).map(([k,n,u])=>`${k} ${n.toFixed(2)}x ${u.toFixed(2)}us`).join(', '));
    return { answers, usec: (after.usec - before.usec) / N, cpu: (after.cpu - before.cpu) / N };
  };
  const add = await phase('add', 100, some => some.flatMap(id => [id, `5 5 0 0 e2000 30000 - send-message`, data, opts, '0', '', 'abcdefabcdefabcdefabcdef']));
  const begin = await phase('begin', B, some => ['10000', ...some.flatMap(id => [id, `${1}:holder-${round}`, '0'])]);
  const tokens = new Map(); let k = 0; for (const a of begin.answers) for (const j of a) { if (!Array.isArray(j)) throw new Error(String(j)); tokens.set(ids[k++], j[0].toString()); }
  const finish = await phase('finish', B, some => ['1000', '2000', '604800000', '{}', '{}', ...some.flatMap(id => [id, tokens.get(id), 'c', '', '', '0', '', '0', '', '0'])]);
  const bad = finish.answers.map(String).join('').replace(/h/g, '').length;
  const f = x => x.toFixed(2);
  (globalThis.best ??= []).push([add.cpu, begin.cpu, finish.cpu]);
  if (process.env.ALL) console.log(`round ${round}: add ${f(add.usec)} (cpu ${f(add.cpu)})  begin ${f(begin.usec)} (${f(begin.cpu)})  finish ${f(finish.usec)} (${f(finish.cpu)})  begin+finish ${f(begin.usec + finish.usec)} (${f(begin.cpu + finish.cpu)}) bad ${bad}`);
}
console.log(dir, 'min cpu us: add', Math.min(...best.map(b=>b[0])).toFixed(2), 'begin', Math.min(...best.map(b=>b[1])).toFixed(2), 'finish', Math.min(...best.map(b=>b[2])).toFixed(2));
await redis.quit(); server.kill();
