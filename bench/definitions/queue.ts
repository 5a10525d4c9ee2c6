/** Queue: subjects that nobody could verify are flagged, claimed and settled. */
import { toHex } from '../../src/base/bytes.js';
import type { NewPending } from '../../src/pending/pending-queue.js';
import type { Definition } from '../definition.js';
import { appendAndSync, plainArray } from '../engines/plain-queues.js';
import type { QueueInput } from '../engines/queues.js';
import { appendSameBytes, flaggingAnswer, journalFlagging } from '../engines/flagging.js';
import { journalQueue, memoryQueue, owner, queueAnswer, queueEngine } from '../engines/queues.js';
import { seededHashes } from '../inputs/hashes.js';

/** In memory, 100 at a time. */
export const queueMemory: Definition<QueueInput> = {
  ...common({ durability: 'process', batch: 100, steps: [500, 5_000, 20_000] }),
  name: 'queue-memory',
  title: ({ batch }) => `subjects flagged, claimed and settled in memory, ${batch} at a time`,
  clock: 'cpu',
  baseline: 'array',
  analysis:
    'A life is enqueue, claim, settle. An array does none of what a queue is for: equal subjects are one entry, ' +
    'claims are leases that end, bounds in entries and bytes hold, and every call is a promise. The ratio ' +
    'is what these cost; against a round trip to a server it is small.',
  engines: [plainArray, memoryQueue],
};

/** On disk, one at a time: every step waits for the disk. */
export const queueDisk1: Definition<QueueInput> = {
  ...onDisk(),
  ...common({ durability: 'disk', batch: 1, steps: [10, 50, 500] }),
  name: 'queue-disk-1',
  title: () => 'subjects flagged, claimed and settled on disk, one at a time',
};

/** On disk, 100 at a time: writes are synced together. */
export const queueDisk100: Definition<QueueInput> = {
  ...onDisk(),
  ...common({ durability: 'disk', batch: 100, steps: [500, 5_000, 20_000] }),
  name: 'queue-disk-100',
  title: ({ batch }) => `subjects flagged, claimed and settled on disk, ${batch} at a time`,
};

/** On disk, flagged and nothing else: what one acknowledgement costs. */
export const queueDiskFlag1: Definition<QueueInput> = {
  ...flagging({ batch: 1, steps: [50, 200, 1_000, 4_000] }),
  name: 'queue-disk-flag-1',
  title: () => 'subjects flagged on disk, one acknowledgement after the other',
};

/** On disk, flagged by thousands of calls at once: how far acknowledgements share a sync. */
export const queueDiskFlag5k: Definition<QueueInput> = {
  ...flagging({ batch: 5_000, steps: [5_000, 20_000, 80_000] }),
  name: 'queue-disk-flag-5k',
  title: ({ batch }) => `subjects flagged on disk, ${batch} calls at once`,
};

function flagging(of: { readonly batch: number; readonly steps: readonly number[] }): Omit<Definition<QueueInput>, 'name' | 'title'> {
  return {
    ...common({ durability: 'disk', ...of }),
    clock: 'wall',
    baseline: 'append + fdatasync',
    analysis:
      'The time is that of the disk. The baseline appends as many bytes as the journal writes and syncs them, on the ' +
      'calling thread, once for each turn; it checks nothing, finds no equal subjects and blocks everybody else for as ' +
      'long as the disk takes. The journal has a promise for each call and syncs on another thread. Alone it may cost ' +
      'half as much again (1/1.5); by thousands the decisions and checksums of each entry are what is measured.',
    engines: [appendSameBytes, journalFlagging],
    expected: (_, amount) => flaggingAnswer(amount),
    host: () => undefined,
  };
}

function onDisk(): Pick<Definition<QueueInput>, 'clock' | 'baseline' | 'analysis' | 'engines'> {
  return {
    clock: 'wall',
    baseline: 'append + fdatasync',
    analysis:
      'The time is that of the disk. The baseline appends lines and syncs them, twice for each batch: when it was ' +
      'flagged and when it was settled; nothing of it could be read back in order or shortened. The journal keeps ' +
      'claims too and so waits three times, frames and checks its records, makes sure that its lock is still ' +
      'there, lets calls that come together share one sync, and writes its file anew when most of it is history.',
    engines: [appendAndSync, journalQueue],
  };
}

function common(of: { readonly durability: 'process' | 'disk'; readonly batch: number; readonly steps: readonly number[] }): Pick<
  Definition<QueueInput>,
  'unit' | 'prepare' | 'amounts' | 'expected' | 'host'
> {
  return {
    unit: { name: 'entries', per: 1 },
    prepare: ({ size }) => {
      const steps = size === 'full' ? of.steps : of.steps.slice(0, 1);
      return { subjects: subjectsOf(Math.max(...steps)), batch: of.batch };
    },
    amounts: ({ subjects, batch }) => ({ probe: batch, steps: of.steps.filter((step) => step <= subjects.length) }),
    expected: (_, amount) => queueAnswer(amount, 0),
    host: ({ name, createQueue }) =>
      createQueue === undefined ? undefined : queueEngine(name, { create: createQueue, durability: of.durability }),
  };
}

function subjectsOf(count: number): NewPending[] {
  return seededHashes(31, count).map((hash, i) => ({
    owner,
    kind: 'file',
    key: toHex(hash),
    fingerprints: [{ kind: 'file', algorithm: 'sha256', hash, size: 1_000 + i }],
    reason: 'unreachable',
    subject: { label: `file ${i}`, locator: { scheme: 'bench', ref: String(i) } },
  }));
}
