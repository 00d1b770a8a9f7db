// What a developer writes with a client made of the gateway's OpenAPI document: adds a job, follows it to its end, reads metrics. It is compiled, and nothing
// in it is a cast: what the document left open would not compile, nor would what it must refuse and does not (@ts-expect-error).
import createClient from "openapi-fetch";
import type { components, paths } from "./generated/api";

type JobEvent = components["schemas"]["JobEvent"];
type JobState = components["schemas"]["JobState"];

const client = createClient<paths>({ baseUrl: "http://localhost:5080", headers: { "X-Api-Key": "a key" } });

export async function add(): Promise<string> {
  const { data, error, response } = await client.POST("/queue/{queue}/jobs", {
    params: { path: { queue: "message-delivery" } },
    body: {
      jobId: "appointment-4711",
      type: "send-message",
      data: {
        messageId: "f6a1c9de-2b77-4c55-9a3e-1d2c3b4a5f33",
        senderId: "8b1f4b1e-3c1d-4d3b-9a57-2f0c7c1d9e11",
        recipientId: "2d3f9a4c-7f55-4f0a-8d0e-6c1b5a4e8f22",
        conversationId: "0c9e8d7f-6a5b-4c3d-8e2f-1a0b9c8d7e44",
        content: "Your appointment is on Monday at 9:30.",
      },
      options: { priority: "HIGH", delay: 5_000, backoff: { type: "exponential", delay: 2_000 } },
    },
  });
  if (data) {
    const state: JobState = data.state; // of 202 as of 200, where the job is there already
    return `${data.jobId} is ${state}`;
  }

  switch (error.type) {
    case "urn:whitecross:problem:invalid-request":
      return Object.entries(error.errors ?? {}).map(([field, texts]) => `${field} ${texts.join(" ")}`).join("\n");
    case "urn:whitecross:problem:job-removed":
      return "choose another jobId";
    case "urn:whitecross:problem:too-many-requests":
      return `again in ${response.headers.get("Retry-After") ?? "1"} s`;
    case "urn:whitecross:problem:job-store-away":
      return error.outcome === "unknown" ? `again with jobId ${error.jobId ?? ""}` : "again later";
    default:
      return `${error.status}: ${error.title}`;
  }
}

export async function follow(id: string): Promise<JobState | undefined> {
  const path = { queue: "message-delivery", id } as const;
  const { data: stream } = await client.GET("/queue/{queue}/jobs/{id}/events", { params: { path }, parseAs: "stream" });
  let state: JobState | undefined;
  let text = "";
  for await (const chunk of stream ?? []) {
    text += new TextDecoder().decode(chunk);
    const events = text.split("\n\n");
    text = events.pop() ?? "";
    for (const line of events.flatMap(event => event.split("\n")).filter(line => line.startsWith("data: "))) {
      const change: JobEvent["data"] = JSON.parse(line.slice("data: ".length));
      state = change.state;
      const percentage: number = change.progress?.percentage ?? 0;
      console.log(change.at, state, percentage.toFixed(0));
    }
  }

  const { data: job } = await client.GET("/queue/{queue}/jobs/{id}", { params: { path } });
  const attempts: number = job?.attemptsMade ?? 0;
  console.log(attempts, job?.error?.code, job?.finishedAt);
  return state;
}

export async function metrics(): Promise<number> {
  const { data } = await client.GET("/queue/metrics");
  const rates: number[] = Object.values(data?.queues ?? {}).map(queue => queue.failureRate * 100 + queue.averageProcessingTime);
  const waiting: number = data?.totals.waiting ?? 0;
  return waiting + Math.max(0, ...rates);
}

export async function failures(): Promise<string[]> {
  const { data } = await client.GET("/queue/failures", { params: { query: { limit: 10 } } });
  return (data?.groups ?? []).map(group => `${group.count} × ${group.message ?? group.cause}, ${group.hours.reduce((sum, hour) => sum + hour, 0)} today`);
}

export async function inbox(user: string): Promise<number> {
  const { data, error } = await client.GET("/users/{id}/messages", { params: { path: { id: user }, query: { limit: 20, unread: true } }, headers: { Authorization: "Bearer …" } });
  return error ? 0 : data.messages.length;
}

export async function wrong(): Promise<void> {
  const path = { queue: "message-delivery" } as const;

  // @ts-expect-error there is no such queue
  await client.GET("/queue/{queue}/metrics", { params: { path: { queue: "message-deliveries" } } });

  // @ts-expect-error the limit is a number
  await client.GET("/queue/{queue}/jobs", { params: { path, query: { limit: "50" } } });

  // @ts-expect-error no state has this name
  await client.GET("/queue/{queue}/jobs", { params: { path, query: { state: "done" } } });

  // @ts-expect-error why somebody must see it is required
  await client.POST("/queue/{queue}/jobs/{id}/reveal", { params: { path: { ...path, id: "1" } } });

  // @ts-expect-error a message has content
  const empty: components["schemas"]["SendMessageJob"] = { messageId: "1", senderId: "2", recipientId: "3", conversationId: "4" };

  // @ts-expect-error the data is not that of this type
  const mixed: components["schemas"]["JobEnvelope"] = { type: "encrypt-decrypt", data: { cleanupType: "old_messages" } };

  // @ts-expect-error no priority has this name
  const options: components["schemas"]["JobOptions"] = { priority: "SOON" };
  console.log(empty, mixed, options);
}
