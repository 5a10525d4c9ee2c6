/**
 * The lists of a client: kept in a state store, fetched when they are due, believed while they are fresh. A list that
 * cannot be brought up to date is thrown away and fetched whole the next time, as the service wants it.
 */
import { describeError, throwIfAborted, VedetteError } from '../../base/errors.js';
import type { Clock, Random, StateStore } from '../../base/seams.js';
import type { SafeBrowsingApi } from './api.js';
import { applyUpdate, type HashList } from './hash-list.js';
import { decodeListRecord, encodeListRecord, type StoredList } from './list-record.js';
import type { ListUpdate } from './messages.js';
import { afterFailure, afterSuccess, isFresh, msUntilDue, neverUpdated } from './update-schedule.js';

/** What the lists depend on. */
export interface ListsOptions {
  readonly names: readonly string[];
  readonly api: Pick<SafeBrowsingApi, 'lists'>;
  readonly state: StateStore;
  readonly clock: Clock;
  readonly random: Random;
  readonly maxEntries: number;
  readonly maxAgeMs: number;
  readonly sha256: (bytes: Uint8Array) => Uint8Array;
}

/** What an update did with one list. */
export type ListOutcome =
  | { readonly list: string; readonly kind: 'updated' | 'unchanged' | 'not-due'; readonly entries: number }
  | { readonly list: string; readonly kind: 'failed'; readonly detail: string };

/** The lists. */
export interface Lists {
  /** The fresh lists, or undefined while one of them is missing or too old: "not listed" would be a guess then. */
  fresh(): readonly HashList[] | undefined;
  /** Fetches what is due (all with `force`). Concurrent calls share one run. @throws VedetteError `aborted`. */
  update(options: { readonly signal: AbortSignal; readonly force?: boolean }): Promise<readonly ListOutcome[]>;
  /** Until the next list is due. */
  msUntilDue(): number;
  /** Reads what is kept; called before anything else. */
  load(): Promise<void>;
  entries(): number;
}

/** The lists of these names. Call `load` first. */
export function createLists(options: ListsOptions): Lists {
  const { clock } = options;
  const stored = new Map<string, StoredList>(options.names.map((name) => [name, { list: undefined, schedule: neverUpdated }]));
  const keyOf = (name: string): string => `safe-browsing/${name}`;

  async function keep(name: string, next: StoredList): Promise<void> {
    stored.set(name, next);
    await options.state.set(keyOf(name), encodeListRecord(next, options.sha256));
  }

  async function update({ signal, force }: { readonly signal: AbortSignal; readonly force?: boolean }): Promise<readonly ListOutcome[]> {
    const due = options.names.filter((name) => force === true || msUntilDue(stored.get(name)!.schedule, clock.now()) === 0);
    const idle = options.names.filter((name) => !due.includes(name));
    const outcomes: ListOutcome[] = idle.map((list) => ({ list, kind: 'not-due', entries: entriesOf(stored.get(list)!.list) }));
    if (due.length === 0) {
      return outcomes;
    }
    const versions = due.flatMap((name) => stored.get(name)!.list?.version ?? []);
    const reply = await options.api.lists({ names: due, versions, maxEntries: options.maxEntries }, signal);
    throwIfAborted(signal);
    if (reply.kind !== 'answer') {
      const detail = reply.kind === 'wait' ? 'the service wants us to wait' : (reply.detail ?? 'failed');
      return [...outcomes, ...(await Promise.all(due.map((name) => fail(name, { detail, waitMs: reply.kind === 'wait' ? reply.waitMs : undefined }))))];
    }
    for (const name of due) {
      const received = reply.body.find((one) => one.name === name);
      outcomes.push(await (received === undefined ? fail(name, { detail: 'the service did not send the list' }) : apply(name, received)));
    }
    return outcomes;
  }

  async function apply(name: string, received: ListUpdate): Promise<ListOutcome> {
    const before = stored.get(name)!;
    try {
      const list = applyUpdate(before.list, received, { sha256: options.sha256, maxEntries: options.maxEntries });
      await keep(name, { list, schedule: afterSuccess(clock.now(), received.minimumWaitMs) });
      return { list: name, kind: list.hashes === before.list?.hashes ? 'unchanged' : 'updated', entries: entriesOf(list) };
    } catch (error) {
      if (!VedetteError.is(error) || error.code !== 'pattern-refused') {
        throw error;
      }
      // What does not fit together is fetched whole the next time; until then nothing rests on it.
      stored.set(name, { list: undefined, schedule: { ...before.schedule, updatedAt: 0 } });
      return fail(name, { detail: describeError(error) });
    }
  }

  async function fail(name: string, { detail, waitMs }: { readonly detail: string; readonly waitMs?: number | undefined }): Promise<ListOutcome> {
    const { list, schedule } = stored.get(name)!;
    await keep(name, { list, schedule: afterFailure(schedule, { now: clock.now(), random: options.random, waitMs }) });
    return { list: name, kind: 'failed', detail };
  }

  let running: Promise<readonly ListOutcome[]> | undefined;
  return {
    update: (updating) => (running ??= update(updating).finally(() => (running = undefined))),
    fresh() {
      const all = [...stored.values()];
      const isWhole = all.every((one) => one.list !== undefined && isFresh(one.schedule, clock.now(), options.maxAgeMs));
      return isWhole ? all.map((one) => one.list!) : undefined;
    },
    msUntilDue: () => Math.min(...[...stored.values()].map((one) => msUntilDue(one.schedule, clock.now()))),
    async load() {
      for (const name of options.names) {
        const bytes = await options.state.get(keyOf(name));
        const kept = bytes === undefined ? undefined : decodeListRecord(bytes, options.sha256);
        if (kept !== undefined && (kept.list === undefined || kept.list.name === name)) {
          stored.set(name, kept);
        }
      }
    },
    entries: () => [...stored.values()].reduce((sum, one) => sum + entriesOf(one.list), 0),
  };
}

function entriesOf(list: HashList | undefined): number {
  return list === undefined ? 0 : list.hashes.length / list.hashBytes;
}
