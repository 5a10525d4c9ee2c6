/**
 * An upload gateway: judges while the upload streams, and has decided ten seconds after its last byte at the latest.
 *
 * The deadline of the check lies below the gateway's own, so that there is always an answer in time. What is undecided
 * then is held by policy (`gateway`) and settled when a server has answered, over restarts too.
 */
import { bytesSubject } from 'vedette';
import { createNodeEngine } from 'vedette/node';
import type { CheckResult, Engine, Locator } from 'vedette';

/** Where the gateway puts uploads until they are released or discarded. */
export interface UploadStore {
  append(id: string, chunk: Uint8Array): Promise<void>;
  read(id: string): Promise<Uint8Array | undefined>;
  release(id: string): Promise<void>;
  discard(id: string): Promise<void>;
  /** Uploads that are neither released nor discarded. */
  held(): AsyncIterable<string>;
}

const locatorOf = (id: string): Locator => ({ scheme: 'upload', ref: id });

/** The engine of the gateway: flagged uploads are opened again from the store. */
export function gatewayEngine(store: UploadStore, options: { dataDir: string; server: string; trust: string }): Engine {
  const { dataDir, server, trust } = options;
  return createNodeEngine(
    { servers: [{ address: server, scope: 'local', trust: [trust] }], policy: 'gateway', dataDir },
    {
      openers: {
        async upload(locator) {
          const bytes = await store.read(locator.ref);
          return bytes === undefined ? undefined : bytesSubject(bytes, { locator });
        },
      },
    },
  );
}

/** One upload: every chunk goes to the store and to the receiver. A client that hangs up ends both, and flags nothing. */
export async function receiveUpload(engine: Engine, store: UploadStore, upload: { id: string; body: AsyncIterable<Uint8Array>; signal: AbortSignal }): Promise<CheckResult> {
  const { id, body, signal } = upload;
  const receiver = engine.receive({ label: id, locator: locatorOf(id) }, { signal, maxBytes: 256 * 1024 * 1024 });
  try {
    for await (const chunk of body) {
      await Promise.all([store.append(id, chunk), receiver.write(chunk)]);
    }
  } catch (error) {
    receiver.abort();
    await store.discard(id);
    throw error;
  }
  const result = await receiver.end({ deadlineMs: 9_000 });
  await settle(engine, store, { id, result });
  return result;
}

/** After a restart: what was held is checked anew. */
export async function resume(engine: Engine, store: UploadStore): Promise<void> {
  for await (const id of store.held()) {
    const bytes = await store.read(id);
    const result = await engine.check(bytesSubject(bytes ?? new Uint8Array(0), { label: id, locator: locatorOf(id) }));
    await settle(engine, store, { id, result });
  }
}

async function settle(engine: Engine, store: UploadStore, judged: { id: string; result: CheckResult }): Promise<void> {
  const { id, result } = judged;
  const { access } = result.decision;
  if (access === 'allow' || access === 'warn') {
    await store.release(id);
  } else if (result.pending.kind !== 'queued') {
    await store.discard(id);
  } else {
    // Late: nobody waits for it. What fails here (the engine is closed, say) stays held, for `resume`.
    engine.pending.settled(result.pending.id).then((late) => settle(engine, store, { id, result: late })).catch(() => undefined);
  }
}
