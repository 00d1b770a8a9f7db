// Publishes a job by plain Dapr pub/sub and follows it by HTTP. Needs Node 18 or later and nothing else: node samples/publish.mjs
import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';

const sidecar = 'http://localhost:3500';
const gateway = 'http://localhost:5080';
const jobId = randomUUID();

const published = await fetch(`${sidecar}/v1.0/publish/jobs/message-delivery`, {
  method: 'POST',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    jobId,
    type: 'send-message',
    data: {
      messageId: randomUUID(),
      senderId: randomUUID(),
      recipientId: randomUUID(),
      conversationId: randomUUID(),
      content: 'Hello from Node.',
    },
  }),
});
if (!published.ok) throw new Error(`The sidecar answered ${published.status}.`);

for (let state = ''; state !== 'completed' && state !== 'failed'; await pause(200)) {
  const answer = await fetch(`${gateway}/queue/message-delivery/jobs/${jobId}`);
  state = answer.ok ? (await answer.json()).state : 'on its way';
  console.log(state);
}
