/** Puts the shared part of an engine family together: settings in force, query client, queue, patterns, background. */
import type { Policy, PolicyTable, WebLevel } from '../../action/policy.js';
import { VedetteError } from '../../base/errors.js';
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import { createFanOut } from '../../base/fan-out.js';
import type { Location } from '../../location/location-probe.js';
import type { PendingQueue } from '../../pending/pending-queue.js';
import type { QueryClient } from '../../query/query-client.js';
import type { EngineCore } from './core.js';
import { createEventHub } from '../events.js';
import { createBackground, type Background } from '../life/background.js';
import { createLimiter } from './limiter.js';
import type { Settings } from '../options.js';
import { createPatterns } from './patterns.js';
import type { HeldBytes } from '../check/receive.js';
import type { Rooms } from '../rooms.js';
import { createSettlements } from './settlements.js';
import { createStats } from './stats.js';

/** A core with the handles that only its engines may turn. */
export interface Family {
  readonly core: EngineCore;
  readonly background: Background;
  readonly memory: HeldBytes;
  isReady(): boolean;
  /** Loads the patterns and starts the background work, once. Rejects when a pattern of the host cannot be used. */
  ready(): Promise<void>;
  /** Takes new settings into force; the old query client ends when its last question has. */
  reconfigure(settings: Settings): Promise<void>;
  /** The policy of a table, made once. */
  policy(table: PolicyTable, level: WebLevel): Policy;
  close(): Promise<void>;
}

const newestKey = 'newest-server-generation';

/** A family with nothing opened yet. */
export function createFamily(initial: Settings, rooms: Rooms): Family {
  const events = createEventHub(rooms.events);
  const stats = createStats();
  const closing = new AbortController();
  const policies = new Map<string, Policy>();
  let settings = initial;
  let newest: number | undefined;
  let location: Location = 'external';
  let readying: Promise<void> | undefined;
  let isReady = false;
  let queue: Promise<PendingQueue> | undefined;
  let installer = rooms.createInstaller(settings);
  let query: QueryClient = createQuery(settings);
  const limiter = createLimiter(boundsOf(settings));
  const patterns = createPatterns(rooms, () => installer, events);

  const core: EngineCore = {
    rooms,
    events,
    stats,
    patterns,
    limiter,
    settlements: createSettlements(),
    members: new Map(),
    settings: () => settings,
    query: () => query,
    queue() {
      queue ??= rooms.openQueue({ onFault: (where, error) => events.emit({ kind: 'fault', where, error }) }).catch((error: unknown) => {
        // A queue that cannot be opened now (another process has it) may be opened later.
        queue = undefined;
        throw error;
      });
      return queue;
    },
    location: () => location,
    newestGeneration: () => newest,
    wake: () => background.wake(),
    settledReady: () => ready().catch(() => undefined),
    closing: closing.signal,
    fanOut: createFanOut(),
  };
  const background = createBackground(core, {
    located(found) {
      location = found;
    },
  });

  function createQuery(from: Settings): QueryClient {
    return rooms.createQuery(from, {
      newestGeneration: () => newest,
      onEvent: (event) => events.emit(event),
      onAnswers(question, answers, origin) {
        for (const answer of answers) {
          heard(answer.generation);
        }
        const stored = rooms.cache.store(question, answers, origin);
        if (stored !== undefined) {
          rooms.background(stored.catch((error: unknown) => events.emit({ kind: 'fault', where: 'cache', error })));
        }
        background.serverAnswered();
      },
    });
  }

  /** DESIGN §1 (d): what was once seen is never forgotten, over restarts either. */
  function heard(generation: number | undefined): void {
    if (generation === undefined || (newest !== undefined && generation <= newest)) {
      return;
    }
    newest = generation;
    const kept = rooms.state.set(newestKey, toUtf8(String(generation)));
    rooms.background(kept.catch((error: unknown) => events.emit({ kind: 'fault', where: 'state', error })));
  }

  function ready(): Promise<void> {
    readying ??= load();
    return readying;
  }

  async function load(): Promise<void> {
    try {
      const kept = await rooms.state.get(newestKey);
      const generation = kept === undefined ? Number.NaN : Number(fromUtf8(kept.subarray(0, 20)));
      if (Number.isSafeInteger(generation)) {
        newest = Math.max(newest ?? 0, generation);
      }
      await patterns.load();
    } catch (error) {
      events.emit({ kind: 'fault', where: 'patterns', error });
      throw error;
    } finally {
      isReady = true;
      if (settings.background === 'timers' && !closing.signal.aborted) {
        background.start();
      }
    }
  }

  return {
    core,
    background,
    memory: { held: 0 },
    isReady: () => isReady,
    ready,
    async reconfigure(next) {
      const replacement = createQuery(next);
      const retired = query;
      settings = next;
      query = replacement;
      installer = rooms.createInstaller(next);
      limiter.resize(boundsOf(next));
      policies.clear();
      rooms.background(retire(retired, rooms));
      background.relocate();
    },
    policy(table, level) {
      const key = JSON.stringify([table, level]);
      const policy = policies.get(key) ?? rooms.createPolicy(table, level);
      policies.set(key, policy);
      return policy;
    },
    async close() {
      if (closing.signal.aborted) {
        return;
      }
      closing.abort(new VedetteError('closed', 'the engine was closed'));
      await query.close();
      if (rooms.ownsQueue) {
        await queue?.then((opened) => opened.close?.()).catch(() => undefined);
      }
      await rooms.close();
    },
  };
}

function boundsOf(settings: Settings): { readonly concurrent: number; readonly waiting: number } {
  return { concurrent: settings.limits.maxConcurrent, waiting: settings.limits.maxWaiting };
}

/** Lets the questions of a replaced client end before it is closed, as long as one hold at most. */
async function retire(client: QueryClient, rooms: Rooms): Promise<void> {
  const patience = new AbortController();
  for (let waited = 0; client.inFlight() > 0 && waited < 60; waited++) {
    await rooms.clock.sleep(500, patience.signal, { background: true });
  }
  await client.close();
}
