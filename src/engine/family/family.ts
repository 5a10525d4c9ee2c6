/** Puts the shared part of an engine family together: settings in force, query client, queue, patterns, background. */
import type { Policy, PolicyTable, WebLevels } from '../../action/policy.js';
import { abortedError, throwIfAborted, VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import { createFanOut } from '../../base/fan-out.js';
import type { Place } from '../../location/place.js';
import type { PendingQueue } from '../../pending/pending-queue.js';
import type { QueryClient } from '../../query/query-client.js';
import type { EngineCore } from './core.js';
import { createEventHub } from '../events.js';
import { createBackground, type Background } from '../life/background.js';
import { createPacer } from '../life/pending/pacer.js';
import { createPatternKeeper } from '../life/keep-patterns.js';
import { endLostRecords } from '../life/on-record.js';
import { createHunt } from '../life/retro/hunt.js';
import type { Hunt } from '../life/retro/hunt.js';
import { createLocator } from '../life/locate.js';
import { createNetworkWatch } from '../life/watch-network.js';
import { createLimiter } from './limiter.js';
import { createLocalities } from './locality.js';
import type { Settings } from '../options.js';
import { createPolicies } from '../policies.js';
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
  /** The host says, or the runtime shows, that the network has changed. */
  networkChanged(): void;
  /** The policy of a table, made once. */
  policy(table: PolicyTable, level: WebLevels): Policy;
  close(): Promise<void>;
}

const newestKey = 'newest-server-generation';

/** A family with nothing opened yet. */
export function createFamily(initial: Settings, given: Rooms): Family {
  const events = createEventHub(given.events);
  given.reportTo?.((where, error) => events.emit({ kind: 'fault', where, error }));
  const stats = createStats();
  const closing = new AbortController();
  let newest: number | undefined;
  // Nothing is known yet: the stricter of the two.
  let place: Place = given.rules.placeFrom([]);
  let readying: Promise<void> | undefined;
  let isReady = false;
  let queue: Promise<PendingQueue> | undefined;
  let closed: Promise<void> | undefined;
  const retiring = new Set<Promise<void>>();
  const rooms: Rooms = { ...given, background: keepAlive };
  let installer = rooms.createInstaller(initial);
  let localities = createLocalities(initial, { rooms, createQuery });
  let { settings, query, servers } = localities.at(place);
  const limiter = createLimiter(boundsOf(settings));
  const patterns = createPatterns(rooms, () => installer, events);
  // What the host itself configures comes before what its site has decided.
  const policies = createPolicies(rooms, () => settings.actionTable ?? patterns.actions());

  const core: EngineCore & { hunt: Hunt | undefined } = {
    rooms,
    events,
    stats,
    patterns,
    limiter,
    settlements: createSettlements(),
    members: new Map(),
    settings: () => settings,
    query: () => query,
    servers: () => servers,
    queue() {
      if (closing.signal.aborted && queue === undefined) {
        // Nobody would close it any more, and its lock would outlive the engine.
        return Promise.reject(abortedError(closing.signal));
      }
      queue ??= rooms.openQueue({ onFault: (where, error) => events.emit({ kind: 'fault', where, error }), ...boundsOfQueue(settings) }).catch((error: unknown) => {
        // A queue that cannot be opened now (another process has it) may be opened later.
        queue = undefined;
        throw error;
      });
      return queue;
    },
    location: () => place.location,
    place: () => place,
    newestGeneration: () => newest,
    wake: () => background.wake(),
    settledReady: () => ready().catch(() => undefined),
    closing: closing.signal,
    fanOut: createFanOut(),
    hunt: undefined,
    pacer: createPacer(rooms.clock, () => settings),
  };
  const network = createNetworkWatch(core);
  const locator = createLocator(core, { get: () => place, set: enter });
  const keeper = createPatternKeeper(core, () => background.soon());
  const background = createBackground(core, {
    locator,
    network,
    networkChanged,
    tend: async (signal) => Math.min(...(await Promise.all([core.hunt?.tend(signal) ?? Number.POSITIVE_INFINITY, keeper.tend(signal)]))),
    once: (signal) => endLostRecords(core, signal),
  });
  core.hunt = rooms.retro === undefined ? undefined : createHunt(core, rooms.retro, () => background.soon());
  events.on('pattern', ({ change }) => {
    if (change === 'installed') {
      background.soon();
    }
  });
  rooms.attach?.({ onFault: (where, error) => events.emit({ kind: 'fault', where, error }) });

  /** Whom to ask and what follows is taken from the profile of the place, at once and all together. */
  function enter(next: Place): void {
    const isElsewhere = next.location !== place.location || next.near !== place.near;
    place = next;
    if (isElsewhere) {
      ({ settings, query, servers } = localities.at(place));
      events.emit({ kind: 'location', location: place.location, by: place.by });
      background.relocate();
    }
  }

  function networkChanged(): void {
    localities.reset();
    locator.networkChanged();
    background.relocate();
  }

  /** The host's own way to stay awake may fail (a request that is over): the work goes on, and so does the check. */
  function keepAlive(work: Promise<unknown>): void {
    try {
      given.background(work);
    } catch (error) {
      events.emit({ kind: 'fault', where: 'background', error });
    }
  }

  function createQuery(from: Settings): QueryClient {
    return rooms.createQuery(from, {
      newestGeneration: () => newest,
      onEvent(event) {
        events.emit(event);
        if (event.kind === 'server' && event.state === 'open') {
          background.doubt();
        }
      },
      onAnswers(question, answers, origin) {
        // A foreign service (2) has generations of its own, if any: they say nothing about the server pattern.
        for (const answer of origin.strength === 2 ? [] : answers) {
          heard(answer.generation);
        }
        const stored = rooms.cache.store(question, answers, origin);
        if (stored !== undefined) {
          rooms.background(stored.catch((error: unknown) => events.emit({ kind: 'fault', where: 'cache', error })));
        }
        background.serverAnswered();
        core.hunt?.answered(question, answers);
      },
    });
  }

  /** DESIGN §1 (d): what was once seen is never forgotten, over restarts either. */
  function heard(generation: number | undefined): void {
    if (generation === undefined || !Number.isSafeInteger(generation) || (newest !== undefined && generation <= newest)) {
      return;
    }
    newest = generation;
    background.outdated();
    background.soon();
    const kept = (async (): Promise<void> => rooms.state.set(newestKey, toUtf8(String(generation))))();
    rooms.background(kept.catch((error: unknown) => events.emit({ kind: 'fault', where: 'state', error })));
  }

  function ready(): Promise<void> {
    readying ??= load();
    return readying;
  }

  /** The newest generation that an earlier process has heard of. */
  async function recall(): Promise<void> {
    const kept = await rooms.state.get(newestKey);
    const generation = kept === undefined ? Number.NaN : Number(fromUtf8(kept.subarray(0, 20)));
    if (Number.isSafeInteger(generation)) {
      newest = Math.max(newest ?? 0, generation);
    }
  }

  async function load(): Promise<void> {
    try {
      await recall().catch((error: unknown) => events.emit({ kind: 'fault', where: 'state', error }));
      await Promise.all([patterns.load(), firstLook()]);
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

  /** Where locations are told apart the first check is one of its location already. */
  async function firstLook(): Promise<void> {
    if (initial.locations !== undefined) {
      // What is found holds for the network of now.
      await network.hasChanged();
      await locator.look(closing.signal);
    }
  }

  return {
    core,
    background,
    memory: { held: 0 },
    isReady: () => isReady,
    ready,
    async reconfigure(next) {
      throwIfAborted(closing.signal);
      // Everything that may be refused comes first: then all of it changes, or nothing.
      const replacement = createLocalities(next, { rooms, createQuery });
      installer = rooms.createInstaller(next);
      const retired = localities;
      localities = replacement;
      ({ settings, query, servers } = localities.at(place));
      limiter.resize(boundsOf(next));
      policies.clear();
      const work = retired.retire({ clock: rooms.clock, closing: closing.signal });
      retiring.add(work);
      rooms.background(work.finally(() => retiring.delete(work)));
      if (next.background === 'manual') {
        background.stop();
      } else if (isReady) {
        background.start();
      }
      // What proved the place before may not be among the references any more.
      locator.networkChanged();
      background.relocate();
    },
    networkChanged,
    policy: (table, level) => policies.policy(table, level),
    close() {
      closed ??= close();
      return closed;
    },
  };

  async function close(): Promise<void> {
    closing.abort(new VedetteError('closed', 'the engine was closed'));
    await Promise.all([localities.close(), ...retiring]);
    // What was claimed is given back first: a claim that merely ends is held against its entry.
    await withinMs(givingBackMs, background.ended(), rooms.clock);
    if (rooms.ownsQueue) {
      await queue?.then((opened) => opened.close?.()).catch(() => undefined);
    }
    await rooms.close();
  }
}

/** How long the end of an engine waits for work in the background that does not heed it. */
const givingBackMs = 5_000;

async function withinMs(ms: number, work: Promise<void>, clock: Clock): Promise<void> {
  const over = new AbortController();
  await Promise.race([work, clock.sleep(ms, over.signal).catch(() => undefined)]);
  over.abort();
}

function boundsOfQueue({ pending }: Settings): { readonly maxEntries: number; readonly maxBytes: number } {
  return { maxEntries: pending.maxEntries, maxBytes: pending.maxBytes };
}

function boundsOf(settings: Settings): { readonly concurrent: number; readonly waiting: number } {
  return { concurrent: settings.limits.maxConcurrent, waiting: settings.limits.maxWaiting };
}
