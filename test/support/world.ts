/** An engine with everything around it under the test's control: the clock, the server, the files, the hands. */
import './loaded.js';
import { toUtf8 } from '../../src/base/bytes.js';
import type { ActionOutcome, CheckResult } from '../../src/base/check-result.js';
import type { Locator, Subject, SubjectInfo } from '../../src/base/subject.js';
import { bytesSubject } from '../../src/base/subject.js';
import type { Engine } from '../../src/engine/checker.js';
import type { EngineEvent } from '../../src/engine/events.js';
import type { EngineConfig } from '../../src/engine/options.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import type { Parts } from '../../src/preset/parts.js';
import { createEngine } from '../../src/preset/portable.js';
import type { Reply, SendOptions, Transport } from '../../src/query/transport.js';
import { createHandler } from '../../src/server/handler.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { agentPattern, crypto, filterPattern, serverPattern, type Feed } from './feed.js';

export type ServerMood = 'up' | 'down' | 'hangs' | 'garbage' | 'waits';

export interface World {
  readonly clock: FakeClock;
  readonly engine: Engine;
  readonly events: EngineEvent[];
  /** Requests that reached the transport. */
  readonly sent: Uint8Array[];
  readonly applied: { readonly key: string; readonly result: CheckResult }[];
  /** Contents by path: what the opener of scheme `file` finds. */
  readonly files: Map<string, Uint8Array>;
  mood: ServerMood;
  /** Puts another server pattern behind the same address. */
  serve(pattern: Uint8Array): void;
  file(path: string): Subject;
  write(path: string, text: string): Subject;
}

export interface WorldOptions {
  readonly feed?: Feed;
  readonly generations?: { readonly agent?: number; readonly filter?: number; readonly server?: number };
  /** Components to leave out. */
  readonly without?: readonly ('agent' | 'filter' | 'server')[];
  readonly config?: Partial<EngineConfig>;
  readonly parts?: Partial<Parts>;
  readonly outcome?: (result: CheckResult, key: string) => ActionOutcome;
  readonly maxPending?: number;
}

export async function createWorld(options: WorldOptions = {}): Promise<World> {
  const { feed = {}, generations = {}, without = [] } = options;
  const clock = new FakeClock();
  const sent: Uint8Array[] = [];
  const events: EngineEvent[] = [];
  const applied: World['applied'] = [];
  const files = new Map<string, Uint8Array>();
  let inner: Transport;

  const transport: Transport = {
    schemes: { 'in-process': 'secure' },
    send: (body, how) => {
      sent.push(body);
      return answerBy(world.mood, inner, { body, how });
    },
  };
  const pattern = [
    ...(without.includes('agent') ? [] : [await agentPattern(feed, { generation: generations.agent ?? 1 })]),
    ...(without.includes('filter') ? [] : [await filterPattern(feed, { generation: generations.filter ?? 1 })]),
  ];
  const engine = createEngine({
    background: 'manual',
    ...(without.includes('server') ? {} : { servers: [{ address: 'in-process:test', scope: 'local' as const }] }),
    ...options.config,
    parts: {
      clock,
      crypto,
      random: createSeededRandom(1),
      pattern,
      transport,
      queue: createMemoryQueue({ clock, maxEntries: options.maxPending ?? 1000 }),
      openers: { file: async (locator: Locator) => openFile(files, locator) },
      actions: {
        idempotent: true,
        apply: async (result, { key }) => {
          applied.push({ key, result });
          return options.outcome?.(result, key) ?? { kind: 'done' };
        },
      },
      events: (event) => events.push(event),
      ...options.parts,
    },
  });

  const world: World = {
    clock,
    engine,
    events,
    sent,
    applied,
    files,
    mood: 'up',
    serve(bytes) {
      inner = createInProcessTransport(createHandler({ store: createMemoryStore(bytes, { crypto }), crypto, clock }), { clock });
    },
    file(path) {
      const content = files.get(path);
      return content === undefined
        ? { kind: 'file', ...infoOf(path), open: () => Promise.reject(Object.assign(new Error('gone'), { code: 'ENOENT' })) }
        : bytesSubject(content, infoOf(path));
    },
    write(path, text) {
      files.set(path, toUtf8(text));
      return world.file(path);
    },
  };
  world.serve(await serverPattern(feed, { generation: generations.server ?? 1 }));
  return world;
}

function infoOf(path: string): SubjectInfo {
  return { label: path, locator: { scheme: 'file', ref: path } };
}

function openFile(files: ReadonlyMap<string, Uint8Array>, locator: Locator): Subject | undefined {
  const content = files.get(locator.ref);
  return content === undefined ? undefined : bytesSubject(content, infoOf(locator.ref));
}

async function answerBy(
  mood: ServerMood,
  inner: Transport,
  request: { readonly body: Uint8Array; readonly how: SendOptions },
): Promise<Reply<Uint8Array>> {
  switch (mood) {
    case 'up':
      return inner.send(request.body, request.how);
    case 'down':
      return { kind: 'failed', retry: true, detail: 'connection refused' };
    case 'hangs':
      return new Promise((resolve) => {
        request.how.signal.addEventListener('abort', () => resolve({ kind: 'failed', retry: true, detail: 'timed out' }), { once: true });
      });
    case 'garbage':
      return { kind: 'answer', body: toUtf8('<html>hello</html>') };
    case 'waits':
      return { kind: 'wait', waitMs: 30_000 };
  }
}
