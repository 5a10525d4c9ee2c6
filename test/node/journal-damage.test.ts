import { beforeAll, describe, expect, it } from 'vitest';
import { equalBytes } from '../../src/base/bytes.js';
import { encodeEvent } from '../../src/node/journal/event-codec.js';
import { encodeFileHeader, encodeFrame, fileHeaderBytes, scanFrames } from '../../src/node/journal/frame.js';
import type { ProcessProbe } from '../../src/node/journal/lock-holder.js';
import { openJournalQueue, type JournalDamage } from '../../src/node/journal/open-journal-queue.js';
import { packSubject } from '../../src/pending/subject-record.js';
import type { PendingEntry } from '../../src/pending/pending-queue.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { fileAt } from '../pending/subjects.js';
import { SimDisk } from '../support/sim-disk.js';

const path = '/data/pending.journal';
const processes: ProcessProbe = { self: () => ({ pid: 1, start: '1', boot: '0', space: '0' }), startOf: () => '1' };

/** A small journal: every kind of event of ordinary life. */
let whole: Uint8Array = new Uint8Array();
/** Its records: where each begins, and its payload. */
let records: { readonly from: number; readonly to: number; readonly payload: Uint8Array }[] = [];

beforeAll(async () => {
  const disk = new SimDisk();
  const clock = new FakeClock();
  let count = 0;
  const queue = await openJournalQueue({ dir: '/data', clock, files: disk.files, ids: () => `i${count++}` });
  // Short ones: every bit of this file will be flipped.
  const small = (content: string, place: string): ReturnType<typeof fileAt> => fileAt(content, place, { owner: 'o', fingerprints: [] });
  await queue.enqueue([small('a', '/a'), small('a', '/b'), small('c', '/c')]);
  await queue.claim('o', { limit: 2, leaseMs: 1000 });
  await queue.intend('i0', 'i1', 1);
  await queue.settle('i0', 'i1', 2);
  await queue.release('i3', { notBeforeAt: 5, dead: true });
  await queue.enqueue([small('d', '/d')]);
  whole = trimmed(disk.image().get(path)!);
  let at = fileHeaderBytes;
  for (const one of scanFrames(whole.subarray(fileHeaderBytes), true).found) {
    const payload = one.kind === 'record' ? one.payload : new Uint8Array();
    records.push({ from: at, to: at + 24 + payload.length, payload });
    at += 24 + payload.length;
  }
  records = records.filter((one) => one.payload.length > 0);
  expect(records).toHaveLength(8);
  expect(at).toBe(whole.length);
});

interface Opened {
  readonly entries: PendingEntry[];
  readonly damage: readonly JournalDamage[];
  readonly disk: SimDisk;
}

async function openBytes(bytes: Uint8Array, bounds: { readonly maxBytes?: number } = {}): Promise<Opened> {
  const disk = new SimDisk(new Map([[path, bytes]]));
  const damage: JournalDamage[] = [];
  const queue = await openJournalQueue({ dir: '/data', clock: new FakeClock(), files: disk.files, processes, ...bounds, onDamage: (one) => damage.push(one) });
  const entries = await toArray(queue.list());
  await queue.close();
  return { entries, damage, disk };
}

/** What a sound journal of only these records holds. */
async function entriesOf(kept: readonly { readonly payload: Uint8Array }[]): Promise<PendingEntry[]> {
  const { entries, damage } = await openBytes(Buffer.concat([encodeFileHeader(), ...kept.map((one, i) => encodeFrame(i + 1, one.payload))]));
  expect(damage).toEqual([]);
  return entries;
}

/** Without the room for records to come. */
function trimmed(bytes: Uint8Array): Uint8Array {
  return bytes.subarray(0, bytes.findLastIndex((byte) => byte !== 0) + 1);
}

function text(entries: readonly PendingEntry[]): string {
  return JSON.stringify(entries);
}

describe('a damaged journal', () => {
  it('gives every record but the one hit, for every single bit that can flip, and says so', async () => {
    const without = await Promise.all(records.map((hit) => entriesOf(records.filter((one) => one !== hit))));
    const all = await entriesOf(records);
    const expected = [all, ...without].map((entries) => text(entries));
    for (let bit = 0; bit < whole.length * 8; bit++) {
      const bytes = whole.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const hit = records.findIndex((one) => one.from <= bit >> 3 && bit >> 3 < one.to);
      const { entries, damage, disk } = await openBytes(bytes);
      const copy = disk.image().get(damage[0]?.copy ?? '') ?? new Uint8Array();
      // Compared as text: an `expect` for each of thousands of bits would take most of the time.
      if (text(entries) !== expected[hit + 1] || damage.length !== 1 || !equalBytes(copy, bytes)) {
        expect.fail(`bit ${bit}: ${text(entries)} with ${damage.length} reports`);
      }
    }
  }, 60_000);

  it('gives every record before the place where it was cut off', async () => {
    for (let length = 0; length <= whole.length; length++) {
      const { entries } = await openBytes(whole.slice(0, length));
      expect(entries, `cut to ${length}`).toEqual(await entriesOf(records.filter((one) => one.to <= length)));
    }
  });

  it('is sound again after it was opened once', async () => {
    const bytes = whole.slice();
    bytes.fill(0x55, records[2]!.from, records[2]!.from + 10);
    const first = await openBytes(bytes);
    expect(first.damage).toMatchObject([{ ranges: [[records[2]!.from, records[2]!.to]], missing: 1, unusable: 0 }]);
    const second = await openBytes(first.disk.image().get(path)!);
    expect(second.damage).toEqual([]);
    expect(second.entries).toEqual(first.entries);
  });

  it('reports records that are missing without a trace, by their numbers', async () => {
    const bytes = Buffer.concat([whole.subarray(0, records[3]!.from), whole.subarray(records[5]!.from)]);
    const { entries, damage } = await openBytes(bytes);
    expect(damage).toMatchObject([{ ranges: [], missing: 2 }]);
    expect(entries).toEqual(await entriesOf([...records.slice(0, 3), ...records.slice(5)]));
  });

  it('takes no record twice', async () => {
    const bytes = Buffer.concat([whole, whole.subarray(records[0]!.from, records[0]!.to)]);
    const { entries, damage } = await openBytes(bytes);
    expect(damage).toMatchObject([{ missing: 0, unusable: 1 }]);
    expect(entries).toEqual(await entriesOf(records));
  });

  it('reports records that are whole and say nothing that can be used', async () => {
    const nonsense = ['[]', '["e","x","y",1]\n["no","subject"]', '["q"]', 'null'].map((text, i) => encodeFrame(9 + i, Buffer.from(text)));
    const { entries, damage } = await openBytes(Buffer.concat([whole, ...nonsense]));
    expect(damage).toMatchObject([{ ranges: [], missing: 0, unusable: 4 }]);
    expect(entries).toEqual(await entriesOf(records));
  });

  it('that is no journal at all is kept aside, and an empty one begun', async () => {
    const bytes = Buffer.from('this was never a journal, but it lies where one should be');
    const { entries, damage, disk } = await openBytes(bytes);
    expect(entries).toEqual([]);
    expect(disk.image().get(damage[0]!.copy ?? '')).toEqual(new Uint8Array(bytes));
  });

  it('of hundreds of damaged places names a hundred of them', async () => {
    const parts = Array.from({ length: 300 }, (_, i) => [encodeFrame(2 * i + 1, Buffer.from('["c",1,[]]')), Buffer.from('??')]).flat();
    const { damage } = await openBytes(Buffer.concat([encodeFileHeader(), ...parts]));
    expect(damage[0]?.ranges).toHaveLength(100);
  });

  it('of many megabytes gives everything around the damage, wherever it falls in the windows of reading', async () => {
    const event = (i: number): Uint8Array =>
      Buffer.from(encodeEvent({ kind: 'enqueued', entry: `e${i}`, item: `i${i}`, at: i, subject: packSubject(fileAt(`c${i}`, `/${i}`, { subject: { tag: 'x'.repeat(60_000) } }))! }));
    const bytes = new Uint8Array(Buffer.concat([encodeFileHeader(), ...Array.from({ length: 200 }, (_, i) => encodeFrame(i + 1, event(i)))]));
    const recordBytes = (bytes.length - fileHeaderBytes) / 200;
    for (const at of [1 << 22, (1 << 22) + 16, 2 << 22, bytes.length - 1, 100]) {
      const damaged = bytes.slice();
      damaged[at]! ^= 0x10;
      const { entries, damage } = await openBytes(damaged, { maxBytes: 1 << 30 });
      expect(damage).toHaveLength(1);
      const hit = Math.floor((at - fileHeaderBytes) / recordBytes);
      expect(entries).toHaveLength(199);
      expect(entries.some((entry) => Math.abs(Number(entry.id.slice(1)) - hit) === 0)).toBe(false);
    }
  });

  it('opens although whoever is told of it throws', async () => {
    const disk = new SimDisk(new Map([[path, whole.slice(5)]]));
    const onDamage = (): never => {
      throw new Error('a listener of the host');
    };
    const queue = await openJournalQueue({ dir: '/data', clock: new FakeClock(), files: disk.files, onDamage });
    expect(await toArray(queue.list())).toHaveLength(3);
  });

  it('keeps each copy under a name of its own', async () => {
    const bytes = whole.slice(0, -1);
    bytes[20]! ^= 1;
    const disk = new SimDisk(new Map([[path, bytes]]));
    const copies: string[] = [];
    for (let round = 0; round < 3; round++) {
      const open = (): ReturnType<typeof openJournalQueue> => openJournalQueue({ dir: '/data', clock: new FakeClock(), files: disk.files, onDamage: (one) => copies.push(one.copy ?? '') });
      await (await open()).close();
      const file = await disk.files.open(path);
      await file!.write(17, Uint8Array.of(0));
    }
    expect(new Set(copies).size).toBe(3);
  });
});
