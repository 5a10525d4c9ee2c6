/**
 * A process that flags what it cannot verify, drains it when the server answers, carries out remedies, and says so:
 *
 *     T place      a check begins               A place          it was flagged, so says the engine
 *     P key        a remedy begins              S place outcome  its item is about to be settled     D place   it is
 *     F n bytes    files that are open, and resident memory, after every hundredth settlement
 */
import { fsyncSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { toUtf8 } from '../../../src/base/bytes.js';
import type { Json } from '../../../src/base/seams.js';
import { bytesSubject, type Subject } from '../../../src/base/subject.js';
import { createMemoryCache } from '../../../src/cache/memory-cache.js';
import type { ActionHandler } from '../../../src/action/action-handler.js';
import { nodeFiles, type DurableFile, type DurableFiles } from '../../../src/node/files/durable-files.js';
import { openJournalQueue } from '../../../src/node/journal/open-journal-queue.js';
import { createNodeEngine } from '../../../src/node/preset.js';
import type { PendingEntry, PendingQueue } from '../../../src/pending/pending-queue.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { openDescriptors } from '../../support/open-resources.js';
import { contentNumber, contents, type ChildOrders } from './phases.js';

const orders = JSON.parse(process.argv[2] ?? '') as ChildOrders;
const random = createSeededRandom(orders.seed);
const maxOpen = 200;
let open = 0;
let count = 0;
let settlements = 0;
const waiting: (() => void)[] = [];

/** Synchronous: what was said has left the process before anything else happens. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}

/** A place names its content, so that it can be opened again: `/p/PID.TIME.CONTENT`. */
function subjectAt(place: string): Subject {
  const content = contentNumber(Number(place.split('.').at(-1)));
  return bytesSubject(toUtf8(content), { label: place, locator: { scheme: 'test', ref: place } });
}

function unsynced(files: DurableFiles): DurableFiles {
  const change = (file: DurableFile): DurableFile => ({
    size: () => file.size(),
    read: (at, into) => file.read(at, into),
    write: (at, bytes) => file.write(at, bytes),
    sync: async () => undefined,
    close: () => file.close(),
  });
  return {
    ...files,
    create: async (path) => change(await files.create(path)),
    open: async (path) => {
      const file = await files.open(path);
      return file === undefined ? undefined : change(file);
    },
  };
}

/** The queue, which says what is done with it, and does it worse where it is told to. */
function told(queue: PendingQueue): PendingQueue {
  const places = new Map<string, string>();
  const note = (entries: readonly PendingEntry[]): void =>
    entries.forEach((entry) => entry.items.forEach((item) => places.set(item.id, item.subject.locator?.ref ?? '')));
  const changed: Partial<PendingQueue> = {
    claim: async (...args) => {
      const entries = await queue.claim(...args);
      note(entries);
      return entries;
    },
    settle: async (...call) => {
      const [, item, outcome] = call;
      const place = places.get(item) ?? item;
      say(`S ${place} ${remedyIn(outcome)}`);
      const isOver = await queue.settle(...call);
      say(`D ${place}`);
      open--;
      if (++settlements % 100 === 0) {
        const open = openDescriptors();
        const sockets = open.filter((path) => path.startsWith('socket:')).length;
        say(`F ${open.length - sockets} ${sockets} ${process.memoryUsage.rss()}`);
      }
      waiting.splice(0).forEach((goOn) => goOn());
      return isOver;
    },
    ...(orders.sabotage === 'no-intent' ? { intend: async () => undefined } : {}),
    ...(orders.sabotage === 'early-acknowledgement'
      ? {
          enqueue: async (subjects) => {
            void queue.enqueue(subjects);
            return subjects.map(() => ({ kind: 'queued' as const, id: '', durability: 'disk' as const }));
          },
        }
      : {}),
  };
  return new Proxy(queue, {
    get(target, name) {
      const own: unknown = Reflect.get(changed, name) ?? Reflect.get(target, name);
      return typeof own === 'function' ? (own.bind(target) as unknown) : own;
    },
  });
}

/** What became of the remedy, as the record of a settled item says it. */
function remedyIn(outcome: Json): string {
  const kind: unknown = typeof outcome === 'object' && outcome !== null && 'outcome' in outcome ? outcome['outcome'] : undefined;
  return typeof kind === 'string' ? kind : 'none';
}

/** Carries out remedies by writing them down: `E key place`, on the disk. */
function recordingHandler(): ActionHandler {
  const file = openSync(orders.effects, 'a');
  const done = new Set(readFileSync(orders.effects, 'utf8').split('\n').map((line) => line.split(' ')[1]));
  return {
    idempotent: orders.handler === 'idempotent',
    apply: async (result, { key }) => {
      say(`P ${key}`);
      const known = orders.handler === 'idempotent' && orders.sabotage !== 'no-key' && done.has(key);
      writeSync(file, `${known ? 'R' : 'E'} ${key} ${result.subject.locator?.ref ?? ''}\n`);
      done.add(key);
      fsyncSync(file);
      return { kind: 'done' };
    },
  };
}

const clock = createSystemClock();
const engine = createNodeEngine(
  {
    dataDir: orders.dir,
    servers: [{ address: orders.server, scope: 'local' }],
    query: orders.work === 'finish' ? {} : { holdMs: 20, perServerMs: 20 },
    background: 'manual',
  },
  {
    clock,
    // Answers that were kept would leave nothing to flag after the first life.
    cache: createMemoryCache({ maxEntries: 1 }),
    queue: async () => {
      const files = orders.sabotage === 'no-sync' ? unsynced(nodeFiles) : nodeFiles;
      return told(await openJournalQueue({ dir: join(orders.dir, 'pending'), clock, files, waitMs: 10_000, slackBytes: 50_000 }));
    },
    actions: recordingHandler(),
    openers: { test: async (locator) => subjectAt(locator.ref) },
  },
);

async function flagForever(): Promise<void> {
  for (;;) {
    const place = `/p/${process.pid}.${process.hrtime.bigint()}${count++}.${Math.floor(random() * contents)}`;
    say(`T ${place}`);
    const { pending } = await engine.check(subjectAt(place), { apply: false });
    if (pending.kind === 'queued') {
      say(`A ${place}`);
      open++;
    } else {
      await new Promise((resolve) => setImmediate(resolve));
    }
    if (open > maxOpen) {
      await new Promise<void>((resolve) => waiting.push(resolve));
    }
  }
}

async function drainForever(): Promise<void> {
  for (;;) {
    for await (const _ of engine.pending.drain({ limit: 64 })) {
      // The queue says it.
    }
    // A drain of nothing ends in the turn in which it began.
    await new Promise((resolve) => setImmediate(resolve));
  }
}

async function drainToTheEnd(): Promise<void> {
  for (let left = 1; left > 0; ) {
    for await (const _ of engine.pending.drain({ dead: true })) {
      // The queue says it.
    }
    const counts = await engine.pending.counts();
    left = counts.due + counts.claimed + counts.dead + (counts.waiting ?? 0);
  }
  await engine.close();
}

open = (await engine.pending.counts()).due;
say('open');
await (orders.work === 'finish' ? drainToTheEnd() : Promise.all([flagForever(), flagForever(), flagForever(), drainForever()]));
say('closed');
