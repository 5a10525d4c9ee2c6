/**
 * The retro log on disk. Sightings are written at once and synced within a second: nobody waits for them, a killed
 * process loses none that it had handed to the system, a power failure those of the last second. Findings, and what is
 * begun and done about them, are on the disk before anybody is told.
 */
import { randomBytes } from 'node:crypto';
import type { Clock } from '../../base/seams.js';
import { RetroCore, type RetroCoreOptions, type RetroStep } from '../../retro/retro-core.js';
import { decodeRetro, encodeRetro } from '../../retro/retro-event.js';
import type { Allowed, RetroLog } from '../../retro/retro-log.js';
import type { Journal, JournalState, Recorded } from '../journal/journal.js';
import { openJournal, type JournalFileOptions } from '../journal/open-journal.js';

/** A retro log with a file behind it. */
export type JournalRetro = RetroLog & { close(): Promise<void> };

/** Options of `openJournalRetro`. */
export interface JournalRetroOptions extends JournalFileOptions, Omit<RetroCoreOptions, 'ids'> {
  /** A new id at every call, never the same again (96 random bits). */
  readonly ids?: (() => string) | undefined;
  /** How long a sighting may wait for its sync (1,000). */
  readonly lagMs?: number | undefined;
}

/**
 * Opens the retro log of a directory, for this process alone.
 * @throws VedetteError `store-busy` when another process has it, `unsupported` when it was written by a later version,
 * `store-damaged` when the disk fails; RangeError when a bound is no positive integer.
 */
export async function openJournalRetro(options: JournalRetroOptions): Promise<JournalRetro> {
  const { ids = randomId, clock, lagMs = 1000 } = options;
  const core = new RetroCore({ ...options, ids });
  const journal = await openJournal({ ...options, name: 'retro', state: stateOf(core) });
  return journaled(core, journal, createFlusher(journal, { clock, lagMs }));
}

function journaled(core: RetroCore, journal: Journal, flusher: Flusher): JournalRetro {
  return {
    durability: 'disk',
    remember: (allowed: Allowed) => flusher.note(() => recorded(core.remember(allowed))),
    keys: async () => core.keys(),
    find: async (keys) => keys.map((key) => core.find(key)),
    forget: (key, place) => flusher.note(() => recorded(core.forget(key, place))),
    mark: async () => core.mark(),
    hunted: (mark) => journal.write(() => recorded(core.hunted(mark))),
    counts: async () => core.counts(),
    raise: (key, verdict, owner) => journal.write(() => recorded(core.raise(key, verdict, owner))),
    intend: (id, intent) => journal.write(() => recorded(core.intend(id, intent))),
    settle: (id, outcome) => journal.write(() => recorded(core.settle(id, outcome))),
    async *findings() {
      yield* core.findings();
    },
    async close() {
      await flusher.end();
      await journal.close();
    },
  };
}

/** Writes at once, syncs for many at a time. */
interface Flusher {
  note(step: () => Recorded<void>): Promise<void>;
  end(): Promise<void>;
}

function createFlusher(journal: Journal, { clock, lagMs }: { readonly clock: Clock; readonly lagMs: number }): Flusher {
  const over = new AbortController();
  let flush: Promise<void> | undefined;

  async function syncLater(): Promise<void> {
    await clock.sleep(lagMs, over.signal, { background: true }).catch(() => undefined);
    flush = undefined;
    await journal.write(() => ({ value: undefined, records: [] }));
  }

  return {
    async note(step) {
      let isChange = false;
      await journal.note(() => {
        const taken = step();
        isChange = taken.records.length > 0;
        return taken;
      });
      if (isChange) {
        flush ??= syncLater();
        await flush;
      }
    },
    async end() {
      over.abort();
      await flush?.catch(() => undefined);
    },
  };
}

const decoder = new TextDecoder();

function stateOf(core: RetroCore): JournalState {
  return {
    replay(payload) {
      const event = decodeRetro(decoder.decode(payload));
      return event !== undefined && core.replay(event);
    },
    endReplay: () => core.resume(),
    *snapshot() {
      for (const event of core.snapshot()) {
        yield encodeRetro(event);
      }
    },
    liveBytes: () => core.liveBytes,
  };
}

function recorded<T>({ value, events }: RetroStep<T>): Recorded<T> {
  return { value, records: events.map(encodeRetro) };
}

function randomId(): string {
  return randomBytes(12).toString('base64url');
}
