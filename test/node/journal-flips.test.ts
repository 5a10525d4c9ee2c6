/**
 * Bits flipped and files cut off at random in a journal that has lived: every record that was not hit is delivered,
 * nothing else is, and what was hit is reported with a copy. The full run is 10^5 flips and 10^4 cuts.
 */
import { beforeAll, describe, expect, it } from 'vitest';
import { equalBytes } from '../../src/base/bytes.js';
import { encodeFileHeader, encodeFrame, fileHeaderBytes, frameHeaderBytes, scanFrames } from '../../src/node/journal/frame.js';
import { openJournalQueue, type JournalDamage } from '../../src/node/journal/open-journal-queue.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { fileAt, owner } from '../pending/subjects.js';
import { SimDisk } from '../support/sim-disk.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);
const seed = Number(process.env['FUZZ_SEED'] ?? 31);
const flips = runs > 100 ? 100_000 : 300;
const cuts = runs > 100 ? 10_000 : 100;
const path = '/data/pending.journal';

interface Record {
  readonly from: number;
  readonly to: number;
  readonly payload: Uint8Array;
}

let whole: Uint8Array = new Uint8Array();
let records: readonly Record[] = [];
/** What a journal holds that never had a record, by its number; -1 for one that had them all. */
const expectedWithout = new Map<number, string>();

/** Flags, claims, settles, releases, and is written anew on the way; then room for more is at its end. */
beforeAll(async () => {
  const disk = new SimDisk();
  const clock = new FakeClock();
  const random = createSeededRandom(seed);
  let count = 0;
  const queue = await openJournalQueue({ dir: '/data', clock, files: disk.files, ids: () => `i${count++}`, slackBytes: 2000, growBytes: 1000 });
  for (let step = 0; step < 60; step++) {
    await queue.enqueue([fileAt(`content ${step % 20}`, `/place/${step}`)]);
    const [claimed] = random() < 0.4 ? await queue.claim(owner, { limit: 1, leaseMs: 1000 }) : [];
    if (claimed !== undefined) {
      await queue.intend(claimed.id, claimed.items[0]!.id, 'delete');
      await (random() < 0.5 ? queue.settle(claimed.id, claimed.items[0]!.id, { kind: 'done' }) : queue.release(claimed.id, { notBeforeAt: step, dead: step % 3 === 0 }));
    }
  }
  whole = disk.image().get(path)!;
  records = recordsOf(whole);
});

function recordsOf(bytes: Uint8Array): Record[] {
  const found: Record[] = [];
  let at = fileHeaderBytes;
  for (const one of scanFrames(bytes.subarray(fileHeaderBytes, bytes.findLastIndex((byte) => byte !== 0) + 1), true).found) {
    const payload = one.kind === 'record' ? one.payload : expect.fail('a sound journal is needed');
    found.push({ from: at, to: at + frameHeaderBytes + payload.length, payload });
    at += frameHeaderBytes + payload.length;
  }
  return found;
}

interface Opened {
  readonly text: string;
  readonly damage: readonly JournalDamage[];
  readonly disk: SimDisk;
}

async function openBytes(bytes: Uint8Array): Promise<Opened> {
  const disk = new SimDisk(new Map([[path, bytes]]));
  const damage: JournalDamage[] = [];
  const queue = await openJournalQueue({ dir: '/data', clock: new FakeClock(), files: disk.files, onDamage: (one) => damage.push(one) });
  const entries = await toArray(queue.list());
  await queue.close();
  return { text: JSON.stringify(entries), damage, disk };
}

/** What a sound journal of all other records says. */
async function withoutRecord(hit: number): Promise<string> {
  const known = expectedWithout.get(hit);
  if (known !== undefined) {
    return known;
  }
  const kept = records.filter((_, i) => i !== hit);
  const { text } = await openBytes(Buffer.concat([encodeFileHeader(), ...kept.map((one, i) => encodeFrame(i + 1, one.payload))]));
  expectedWithout.set(hit, text);
  return text;
}

function isKept({ damage, disk }: Opened, bytes: Uint8Array): boolean {
  return damage.length === 1 && equalBytes(disk.image().get(damage[0]?.copy ?? '') ?? new Uint8Array(), bytes);
}

describe('a journal that has lived', () => {
  it(`delivers all but the record hit, and reports it, over ${flips} flipped bits`, async () => {
    const random = createSeededRandom(seed);
    for (let round = 0; round < flips; round++) {
      const bit = Math.floor(random() * whole.length * 8);
      const bytes = whole.slice();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      const opened = await openBytes(bytes);
      const hit = records.findIndex((one) => one.from <= bit >> 3 && bit >> 3 < one.to);
      // Compared as text: an `expect` for each of so many would take most of the time.
      if (opened.text !== (await withoutRecord(hit)) || !isKept(opened, bytes)) {
        expect.fail(`bit ${bit} (seed ${seed}): ${opened.damage.length} reports`);
      }
    }
  }, 1_800_000);

  it(`delivers all records before ${cuts} places where it is cut off, and reports a record that is cut in two`, async () => {
    const random = createSeededRandom(seed + 1);
    for (let round = 0; round < cuts; round++) {
      const length = Math.floor(random() * (whole.length + 1));
      const bytes = whole.slice(0, length);
      const opened = await openBytes(bytes);
      const kept = records.filter((one) => one.to <= length);
      const { text } = await openBytes(Buffer.concat([encodeFileHeader(), ...kept.map((one, i) => encodeFrame(i + 1, one.payload))]));
      const isCutInTwo = length < fileHeaderBytes || records.some((one) => one.from < length && length < one.to);
      if (opened.text !== text || isCutInTwo !== isKept(opened, bytes)) {
        expect.fail(`cut to ${length} of ${whole.length} (seed ${seed}): ${opened.damage.length} reports`);
      }
    }
  }, 1_800_000);

  it('would be found out if it believed what does not fit its checksum', async () => {
    const hit = records.findIndex((one) => Buffer.from(one.payload).includes('/place/'));
    const { from, payload } = records[hit]!;
    const bytes = whole.slice();
    // A forger who mends the checksums: the text is delivered changed, so that the comparison above has to notice.
    bytes.set(encodeFrame(hit + 1, Buffer.from(Buffer.from(payload).toString().replace('/place/', '/plaCe/'))), from);
    const opened = await openBytes(bytes);
    expect(opened.text === (await withoutRecord(hit)) && isKept(opened, bytes)).toBe(false);
  });
});
