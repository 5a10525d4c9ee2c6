/**
 * A Worker at the edge: judges an upload before it reaches the origin. No timers at creation, no promise shared between
 * requests, work that outlives the response handed to `waitUntil`, the pattern as a static asset.
 */
import { createEngine } from 'vedette';
import type { Engine } from 'vedette';

/** What the platform gives a Worker. */
export interface WorkerEnv {
  readonly REPUTATION_URL: string;
  readonly REPUTATION_KEY: string;
  readonly ASSETS: { fetch(request: Request): Promise<Response> };
}
export interface WorkerContext {
  waitUntil(work: Promise<unknown>): void;
}

/** One engine per isolate, made with the first request: modules must not do work when they are loaded. */
let engine: Engine | undefined;
const waiting = new Set<Promise<unknown>>();

/** The Worker's `fetch`. */
export async function handleFetch(request: Request, env: WorkerEnv, context: WorkerContext): Promise<Response> {
  if (request.method !== 'POST' || request.body === null) {
    return fetch(request);
  }
  engine ??= createEdgeEngine(env);
  const judged = request.clone().body ?? new ReadableStream<Uint8Array>();
  const receiver = engine.receive({ label: new URL(request.url).pathname }, { signal: request.signal, maxBytes: 32 * 1024 * 1024 });
  for (const reader = judged.getReader(); ; ) {
    const { done, value } = await reader.read();
    if (done) {
      break;
    }
    await receiver.write(value);
  }
  const { decision, verdict } = await receiver.end({ deadlineMs: 8_000, signal: request.signal });
  context.waitUntil(Promise.all([...waiting, engine.maintain({ deadlineMs: 5_000 })]));
  if (decision.access === 'block' || decision.access === 'hold') {
    await request.body.cancel();
    return Response.json({ disposition: verdict.disposition, reason: verdict.reason ?? null }, { status: 422 });
  }
  return fetch(request);
}

function createEdgeEngine(env: WorkerEnv): Engine {
  return createEngine({
    servers: [{ address: env.REPUTATION_URL, scope: 'global', trust: [env.REPUTATION_KEY] }],
    policy: 'gateway',
    background: 'manual',
    query: { holdMs: 6_000, coalesce: 'call' },
    parts: {
      pattern: async () => [await asset(env, 'agent.vap'), await asset(env, 'filter.vaf')],
      background: (work) => void waiting.add(work.finally(() => waiting.delete(work))),
    },
  });
}

async function asset(env: WorkerEnv, name: string): Promise<Uint8Array> {
  const response = await env.ASSETS.fetch(new Request(`https://assets.invalid/${name}`));
  return new Uint8Array(await response.arrayBuffer());
}
