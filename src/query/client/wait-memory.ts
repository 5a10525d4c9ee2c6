/**
 * Step 4: the waits that servers have asked for, kept over restarts: a program that is started again every minute must
 * not ask a server every minute that wants to be left alone for an hour.
 *
 * The store is read before the first question and written after each wait. What it holds is a help, never a need: one
 * that fails or hangs is done without.
 */
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import { maxKeptWaits, mergeWaits, parseWaits, remainingMs } from '../decide/kept-waits.js';
import { notNeeded } from './turns.js';
import type { Clock, StateStore } from '../../base/seams.js';
import type { KeptWait } from '../decide/kept-waits.js';
import type { ServerEntry } from '../server-list.js';

/** What a memory is made of. */
export interface WaitMemoryOptions {
  readonly state: StateStore | undefined;
  readonly clock: Clock;
  readonly background: (work: Promise<unknown>) => void;
  readonly servers: () => readonly ServerEntry[];
}

/** Remembers waits. */
export interface WaitMemory {
  /** Tells the servers what an earlier process was told. Undefined when that is done; never rejects, and ends in time. */
  recall(): Promise<void> | undefined;
  /** A server has asked for a wait, of which so much is left. */
  readonly keep: (server: string, waitMs: number) => void;
  /** Resolves when all is kept. */
  readonly kept: () => Promise<void>;
}

const key = 'server-waits';
const maxBytes = 1024 * 1024;
/** What a store gets to answer before the first question goes out without it. */
const patienceMs = 1_000;

/** A memory over a store, which several clients may share one after the other. */
export function createWaitMemory({ state, clock, background, servers }: WaitMemoryOptions): WaitMemory {
  let isRecalled = state === undefined;
  let unkept = new Map<string, KeptWait>();
  let saving: Promise<void> | undefined;

  async function read(store: StateStore): Promise<readonly KeptWait[]> {
    // untrusted: whatever lies in the store, up to the bound
    const bytes = await store.get(key).catch(() => undefined);
    return bytes === undefined || bytes.length > maxBytes ? [] : parseWaits(fromUtf8(bytes));
  }

  async function recall(store: StateStore): Promise<void> {
    const over = new AbortController();
    const outOfTime = clock.sleep(patienceMs, over.signal, { background: true }).then(() => [], () => []);
    const kept = await Promise.race([read(store).catch(() => []), outOfTime]);
    over.abort(notNeeded);
    for (const wait of isRecalled ? [] : kept) {
      const waitMs = remainingMs(wait, clock.now());
      servers().filter((one) => waitMs > 0 && one.source.id === wait.server).forEach((one) => one.note({ kind: 'recalled', waitMs }));
    }
    isRecalled = true;
  }

  /** Waits of servers that this client does not know stay: they may be those of another place. */
  async function save(store: StateStore): Promise<void> {
    while (unkept.size > 0) {
      const mine = [...unkept.values()];
      unkept = new Map();
      const waits = mergeWaits(await read(store).catch(() => []), mine, clock.now());
      await store.set(key, toUtf8(JSON.stringify(waits.map((one) => [one.server, one.untilAt, one.waitMs]))));
    }
  }

  return {
    // Not shared between callers: on Workers one request must not wait for another's.
    recall: () => (isRecalled || state === undefined ? undefined : recall(state)),
    keep(server, waitMs) {
      if (state === undefined || unkept.size >= maxKeptWaits) {
        return;
      }
      unkept.set(server, { server, untilAt: Math.ceil(clock.now() + waitMs), waitMs: Math.ceil(waitMs) });
      if (saving === undefined) {
        saving = save(state).catch(() => undefined).finally(() => {
          saving = undefined;
        });
        background(saving);
      }
    },
    kept: async () => saving,
  };
}
