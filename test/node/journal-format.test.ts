import { readFile } from 'node:fs/promises';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, toUtf8 } from '../../src/base/bytes.js';
import { crc32c } from '../../src/node/journal/crc32c.js';
import { decodeEvent, encodeEvent } from '../../src/node/journal/event-codec.js';
import { decodeFileHeader, encodeFileHeader, encodeFrame, maxPayloadBytes, scanFrames, type Stretch } from '../../src/node/journal/frame.js';
import { openJournalQueue } from '../../src/node/journal/open-journal-queue.js';
import type { QueueEvent } from '../../src/pending/queue-event.js';
import { toArray } from '../../src/testing/assertions.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { anyJson, fileAt, owner } from '../pending/subjects.js';
import { SimDisk } from '../support/sim-disk.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);
const path = '/data/pending.journal';

describe('crc32c', () => {
  // RFC 3720, B.4, and the check value of the catalogue of parametrised CRC algorithms.
  it.each([
    ['123456789', toUtf8('123456789'), 0xe3069283],
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(0xff), 0x62a8ab43],
    ['ascending', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['descending', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['nothing', new Uint8Array(0), 0],
  ])('of %s is the published value', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
    const padded = Uint8Array.of(1, ...bytes, 2);
    expect(crc32c(padded, 1, padded.length - 1)).toBe(expected);
  });
});

describe('crc32c of any stretch', () => {
  it('is what it is one bit at a time', () => {
    const plain = (bytes: Uint8Array): number => {
      let crc = 0xffffffff;
      for (const byte of bytes) {
        crc ^= byte;
        for (let bit = 0; bit < 8; bit++) {
          crc = crc & 1 ? (crc >>> 1) ^ 0x82f63b78 : crc >>> 1;
        }
      }
      return (crc ^ 0xffffffff) >>> 0;
    };
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 70 }), fc.nat({ max: 20 }), (bytes, from) => {
        expect(crc32c(bytes, from)).toBe(plain(bytes.subarray(Math.min(from, bytes.length))));
      }),
      { numRuns: numRuns * 3 },
    );
  });
});

describe('frames', () => {
  const payloads = fc.array(fc.uint8Array({ minLength: 1, maxLength: 60 }).map((bytes) => bytes.map((byte) => (byte & 0x7f) || 1)), { maxLength: 8 });

  it('come back in order, however the bytes are cut into windows', () => {
    fc.assert(
      fc.property(payloads, fc.integer({ min: 100, max: 300 }), (all, windowBytes) => {
        const bytes = Buffer.concat(all.map((payload, i) => encodeFrame(i + 1, payload)));
        expect(readInWindows(bytes, windowBytes)).toEqual(all.map((payload, i) => [i + 1, toHex(payload)]));
      }),
      { numRuns },
    );
  });

  it('are found again after any damage between them', () => {
    fc.assert(
      fc.property(payloads, payloads, fc.uint8Array({ minLength: 1, maxLength: 80 }), (before, after, noise) => {
        const frames = (all: readonly Uint8Array[], first: number): Uint8Array[] => all.map((payload, i) => encodeFrame(first + i, payload));
        const bytes = Buffer.concat([...frames(before, 1), noise, ...frames(after, 100)]);
        const expected = [...before.map((payload, i) => [i + 1, toHex(payload)]), ...after.map((payload, i) => [100 + i, toHex(payload)])];
        expect(readInWindows(bytes, bytes.length + 1)).toEqual(expected);
      }),
      { numRuns },
    );
  });

  it('take time in proportion to the bytes, also where everything looks like a beginning', () => {
    const marker = encodeFrame(1, Uint8Array.of(1)).subarray(0, 4);
    const bytes = Buffer.concat(Array.from({ length: 250_000 }, () => marker));
    const before = performance.now();
    expect(scanFrames(bytes, true).found.every((one) => one.kind !== 'record')).toBe(true);
    expect(performance.now() - before).toBeLessThan(2000);
  });

  it('hold payloads up to the limit and none beyond', () => {
    expect(scanFrames(encodeFrame(1, new Uint8Array(maxPayloadBytes).fill(1)), true).found).toMatchObject([{ kind: 'record' }]);
    expect(() => encodeFrame(1, new Uint8Array(maxPayloadBytes + 1).fill(1))).toThrow(RangeError);
  });

  it('call a piece of a record at the end torn and any other remainder damaged', () => {
    const whole = encodeFrame(1, toUtf8('whole'));
    const kinds = (tail: Uint8Array): string[] => scanFrames(Buffer.concat([whole, tail]), true).found.map((one) => one.kind);
    expect(kinds(whole.subarray(0, 3))).toEqual(['record', 'torn']);
    expect(kinds(whole.subarray(0, whole.length - 1))).toEqual(['record', 'torn']);
    expect(kinds(Uint8Array.of(1, 2, 3))).toEqual(['record', 'damage']);
  });
});

describe('the header of the file', () => {
  it('says the version, and is recognised as damaged whatever bit is flipped', () => {
    expect(decodeFileHeader(encodeFileHeader(7))).toEqual({ kind: 'ours', version: 7 });
    for (let bit = 0; bit < 128; bit++) {
      const bytes = encodeFileHeader();
      bytes[bit >> 3]! ^= 1 << (bit & 7);
      expect(decodeFileHeader(bytes)).toEqual({ kind: 'damaged' });
    }
    expect(decodeFileHeader(encodeFileHeader().subarray(0, 15))).toEqual({ kind: 'damaged' });
  });

  it('of a later version is refused, and the file left as it is', async () => {
    const bytes = Buffer.concat([encodeFileHeader(2), encodeFrame(1, toUtf8('whatever version 2 writes'))]);
    const disk = new SimDisk(new Map([[path, bytes]]));
    await expect(openJournalQueue({ dir: '/data', clock: new FakeClock(), files: disk.files })).rejects.toMatchObject({
      code: 'unsupported',
      detail: { version: 2, readable: 1 },
    });
    expect(disk.image()).toEqual(new Map([[path, new Uint8Array(bytes)]]));
  });
});

describe('events', () => {
  const text = fc.string({ unit: 'binary', maxLength: 20 });
  const instant = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => value + 0);
  const note = anyJson.map((value) => JSON.stringify(value));
  const anyEvent: fc.Arbitrary<QueueEvent> = fc.oneof(
    fc.record({ kind: fc.constant('enqueued' as const), entry: text, item: text, at: instant, subject: note }),
    fc.record({ kind: fc.constant('claimed' as const), entries: fc.array(text), leaseMs: fc.nat() }),
    fc.record({ kind: fc.constant('intended' as const), entry: text, item: text, intent: note }),
    fc.record({ kind: fc.constant('settled' as const), entry: text, item: text, outcome: note }),
    fc.record({ kind: fc.constant('released' as const), entry: text, notBeforeAt: instant, dead: fc.boolean(), failed: fc.boolean() }),
    fc.record({
      kind: fc.constant('standing' as const),
      entry: text,
      standing: fc.record({ attempts: fc.nat(), failures: fc.nat(), notBeforeAt: instant, dead: fc.boolean() }),
    }),
  );

  it('come back as they were', () => {
    fc.assert(
      fc.property(anyEvent, (event) => {
        expect(decodeEvent(toUtf8(encodeEvent(event)))).toEqual(event);
      }),
      { numRuns: numRuns * 3 },
    );
  });

  it('are refused when their shape is none, without a throw', () => {
    const heads = fc.tuple(fc.constantFrom('e', 'c', 'i', 's', 'r', 't', 'x'), fc.array(anyJson, { maxLength: 6 })).map(([letter, rest]) => JSON.stringify([letter, ...rest]));
    const payload = fc.oneof(fc.uint8Array({ maxLength: 50 }), heads.map(toUtf8), fc.tuple(heads, note).map(([head, more]) => toUtf8(`${head}\n${more}`)));
    fc.assert(
      fc.property(payload, (bytes) => {
        const event = decodeEvent(bytes);
        return event === undefined || decodeEvent(toUtf8(encodeEvent(event))) !== undefined;
      }),
      { numRuns: numRuns * 3 },
    );
    expect(decodeEvent(toUtf8(`["s","a","b"]\nno json`))).toBeUndefined();
    // An instant that JSON can say and cannot say again: the next rewrite would lose the entry.
    expect(decodeEvent(toUtf8(`["e","a","b",1e999]\n[]`))).toBeUndefined();
    expect(decodeEvent(toUtf8(`["r","a",1e999,false,false]`))).toBeUndefined();
    expect(decodeEvent(toUtf8(`["c",1,["${'a'.repeat(200_000)}"]]`))).toBeUndefined();
  });
});

describe('a journal of version 1', () => {
  // To write the golden file anew after a deliberate change of format, print `toHex(image)` here and raise the version.
  it('is written byte for byte as ever', async () => {
    const disk = new SimDisk();
    await goldenLife(disk);
    const expected = (await readFile(new URL('golden/pending-v1.hex', import.meta.url), 'utf8')).replaceAll(/\s/g, '');
    // The zeros at its end are room for records to come: version 1 has always read them so.
    expect(toHex(disk.image().get(path) ?? new Uint8Array()).replace(/(00)+$/, '')).toBe(expected);
  });

  it('is read as ever', async () => {
    const hex = (await readFile(new URL('golden/pending-v1.hex', import.meta.url), 'utf8')).replaceAll(/\s/g, '');
    const disk = new SimDisk(new Map([[path, fromHex(hex)!]]));
    const queue = await openJournalQueue({ dir: '/data', clock: new FakeClock(), files: disk.files });
    const read = JSON.parse(JSON.stringify(await toArray(queue.list()), (_, value: unknown) => (value instanceof Uint8Array ? toHex(value) : value))) as unknown;
    expect(read).toEqual(JSON.parse(await readFile(new URL('golden/pending-v1.json', import.meta.url), 'utf8')));
  });
});

/** Every kind of event, those that only a rewrite makes included. */
async function goldenLife(disk: SimDisk): Promise<void> {
  const clock = new FakeClock();
  let count = 0;
  const queue = await openJournalQueue({ dir: '/data', clock, files: disk.files, ids: () => `id${count++}`, slackBytes: 100 });
  const url = fileAt('b', '/b', { kind: 'url', url: 'http://example.com/ä', scannedBy: 7, subject: { label: 'mail', tag: { n: [1, null, 'ü'] } } });
  for (const subject of [fileAt('a', '/a'), fileAt('a', '/a2'), url, fileAt('c', '/c'), fileAt('d', '/d')]) {
    await queue.enqueue([subject]);
    await clock.advance(1000);
  }
  await queue.claim(owner, { limit: 3, leaseMs: 5000 });
  await queue.intend('id0', 'id1', { remedy: 'delete' });
  await queue.settle('id0', 'id1', { kind: 'done' });
  await queue.release('id3', { notBeforeAt: clock.now() + 60_000, failed: true });
  await queue.release('id5', { notBeforeAt: clock.now(), dead: true });
  await queue.intend('id7', 'id8', 'x'.repeat(2500));
  await queue.settle('id7', 'id8', null);
  // By now the file was written anew: what follows is appended to a snapshot.
  await queue.enqueue([fileAt('e', '/e')]);
  await queue.claim(owner, { limit: 1, leaseMs: 5000 });
  await queue.intend('id0', 'id2', { remedy: 'quarantine' });
  await queue.release('id0', { notBeforeAt: clock.now() });
  await queue.close();
}

function readInWindows(bytes: Uint8Array, windowBytes: number): [number, string][] {
  const records: [number, string][] = [];
  for (let base = 0; base < bytes.length; ) {
    const window = bytes.subarray(base, base + windowBytes);
    const { found, consumed } = scanFrames(window, base + window.length === bytes.length);
    const isRecord = (one: Stretch): one is Stretch & { kind: 'record' } => one.kind === 'record';
    records.push(...found.filter(isRecord).map((one): [number, string] => [one.sequence, toHex(one.payload)]));
    expect(consumed).toBeGreaterThan(0);
    base += consumed;
  }
  return records;
}
