import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../../../src/base/bytes.js';
import type { FileIdentity } from '../../../src/base/subject.js';
import { createMemoryScanCache } from '../../../src/cache/scan/memory-scan-cache.js';
import { createScanMemory, type ScanMemoryOptions } from '../../../src/cache/scan/create-scan-memory.js';
import { parsePage } from '../../../src/cache/scan/scan-page.js';
import type { ScanCache } from '../../../src/cache/scan/scan-cache.js';
import type { KeptContent, ReadContent, ReadingPlan, ScanMemory } from '../../../src/cache/scan/scan-memory.js';
import { FakeClock, settle } from '../../../src/testing/doubles/fake-clock.js';

const day = 86_400_000;
const start = 1_700_000_000_000;
const plan: ReadingPlan = { by: 'agent', scan: 'first', md5: false, sha1: false };
const clean: KeptContent = { mark: 0, digests: { sha256: new Uint8Array(32).fill(7) }, threats: [] };
const found: KeptContent = { ...clean, threats: [{ name: 'T', type: 'trojan', detail: { at: 1 } }] };

function file(change: Partial<FileIdentity> = {}): FileIdentity {
  return { dev: 1n, ino: 1234n, size: 5n, mtimeNs: 1_600_000_000_000_000_001n, ctimeNs: 1_600_000_000_000_000_002n, ...change };
}

function memoryOver(store: ScanCache = createMemoryScanCache(), options: Partial<ScanMemoryOptions> = {}): ScanMemory {
  return createScanMemory({ store, clock: new FakeClock(start), revision: 'r', process: 'p', ...options });
}

async function kept(memory: ScanMemory, one: FileIdentity, how: { readonly plan?: ReadingPlan; readonly content?: ReadContent; readonly seenAt?: number } = {}): Promise<void> {
  const { plan: by = plan, content = clean, seenAt = start } = how;
  await memory.load([one], by.by);
  memory.keep({ identity: one, seenAt }, by, content);
  await memory.flush();
}

async function recalled(memory: ScanMemory, one: FileIdentity, by: ReadingPlan = plan): Promise<KeptContent | undefined> {
  await memory.load([one], by.by);
  return memory.find(one, by);
}

describe('createScanMemory', () => {
  it('knows a file again, in a later process too', async () => {
    const store = createMemoryScanCache();
    await kept(memoryOver(store), file(), { content: found });
    expect(await recalled(memoryOver(store), file())).toEqual(found);
  });

  it.each<[string, Partial<FileIdentity>]>([
    ['another device', { dev: 2n }],
    ['another inode', { ino: 1235n }],
    ['another inode of the same place in another page', { ino: 1234n + 64n }],
    ['another size', { size: 6n }],
    ['a nanosecond of mtime', { mtimeNs: 1_600_000_000_000_000_000n }],
    ['a nanosecond of ctime', { ctimeNs: 1_600_000_000_000_000_003n }],
  ])('takes %s for another state', async (_, change) => {
    const store = createMemoryScanCache();
    await kept(memoryOver(store), file());
    expect(await recalled(memoryOver(store), file(change))).toBeUndefined();
  });

  it.each<[string, Partial<ReadingPlan>, KeptContent | undefined]>([
    ['nothing found holds for every match as well', { scan: 'all' }, clean],
    ['digests alone are there for whoever scans nothing', { scan: 'none' }, clean],
    ['what another pattern or limit read is not known', { by: 'other' }, undefined],
    ['a digest that was not made has to be made', { md5: true }, undefined],
  ])('%s', async (_, change, expected) => {
    const store = createMemoryScanCache();
    await kept(memoryOver(store), file());
    expect(await recalled(memoryOver(store), file(), { ...plan, ...change })).toEqual(expected);
  });

  it('takes finds for what they are: those of a search for the first are not all', async () => {
    const store = createMemoryScanCache();
    await kept(memoryOver(store), file(), { content: found });
    expect(await recalled(memoryOver(store), file(), { ...plan, scan: 'all' })).toBeUndefined();
    expect(await recalled(memoryOver(store), file(), { ...plan, scan: 'none' })).toEqual(clean);
  });

  it('does not take digests alone for a search', async () => {
    const store = createMemoryScanCache();
    await kept(memoryOver(store), file(), { plan: { ...plan, scan: 'none' } });
    expect(await recalled(memoryOver(store), file())).toBeUndefined();
  });

  it.each([
    [0, false],
    [1_999, false],
    [2_000, false],
    [2_001, true],
    [-1_000, false],
  ])('keeps a file that was changed %d ms before the look: %s', async (ms, expected) => {
    const store = createMemoryScanCache();
    const one = file({ ctimeNs: BigInt(start - ms) * 1_000_000n });
    await kept(memoryOver(store), one);
    expect((await recalled(memoryOver(store), one)) !== undefined).toBe(expected);
  });

  it.each([
    ['within its time', { wall: 29 * day, steady: 29 * day, boot: 'a' }, true],
    ['after its time', { wall: 30 * day, steady: 30 * day, boot: 'a' }, false],
    ['after its time, with a clock that was put back', { wall: -day, steady: 30 * day, boot: 'a' }, false],
    ['within its time, with a clock that was put forward beyond it', { wall: 400 * day, steady: 1, boot: 'a' }, false],
    ['within its time, after a restart of the machine', { wall: 29 * day, steady: 5, boot: 'b' }, true],
    ['in a past that never was, after a restart of the machine', { wall: -day, steady: 5, boot: 'b' }, false],
  ])('is asked %s', async (_, { wall, steady, boot }, expected) => {
    const inner = createMemoryScanCache();
    await kept(memoryOver({ ...inner, steady: { id: 'a', nowMs: () => 7_000 } }), file());
    const later = { ...inner, steady: { id: boot, nowMs: () => 7_000 + steady } };
    expect((await recalled(memoryOver(later, { clock: new FakeClock(start + wall) }), file())) !== undefined).toBe(expected);
  });

  it('is not made younger by a clock that is put back while it runs', async () => {
    const store = createMemoryScanCache();
    await kept(memoryOver(store), file());
    const clock = new FakeClock(start + 29 * day);
    const memory = memoryOver(store, { clock, process: 'another' });
    expect(await recalled(memory, file())).toBeDefined();
    await clock.advance(2 * day);
    clock.jumpWall(-2 * day);
    expect(await recalled(memory, file())).toBeUndefined();
  });

  it('is read by nobody after the next revision', async () => {
    const store = createMemoryScanCache();
    await kept(memoryOver(store), file());
    expect(await recalled(memoryOver(store, { revision: 'next' }), file())).toBeUndefined();
  });

  it('marks what is kept, until it changes', async () => {
    const store = createMemoryScanCache();
    const memory = memoryOver(store);
    await kept(memory, file());
    memory.mark(file(), 'agent', 99);
    await memory.flush();
    const again = memoryOver(store);
    expect(await recalled(again, file())).toEqual({ ...clean, mark: 99 });
    again.mark(file({ size: 9n }), 'agent', 98);
    expect(again.find(file(), plan)?.mark).toBe(99);
    await kept(again, file({ size: 9n }));
    expect(again.find(file({ size: 9n }), plan)?.mark).toBe(0);
  });

  it('goes on with a store that throws, rejects, dawdles or gives back nonsense', async () => {
    const clock = new FakeClock(start);
    const stores: ScanCache[] = [
      { get: () => { throw new Error('get'); }, put: () => { throw new Error('put'); }, forget: () => undefined },
      { get: () => Promise.reject(new Error('get')), put: () => Promise.reject(new Error('put')), forget: () => undefined },
      { get: () => new Promise(() => undefined), put: () => undefined, forget: () => undefined },
      { get: () => [Uint8Array.of(1, 2, 3)], put: () => undefined, forget: () => undefined },
      { get: (): Uint8Array[] => [], put: () => undefined, forget: () => undefined },
    ];
    for (const store of stores) {
      const memory = memoryOver(store, { clock });
      const asked = recalled(memory, file());
      await settle();
      await clock.advance(500);
      expect(await asked).toBeUndefined();
      memory.keep({ identity: file(), seenAt: start }, plan, clean);
      await memory.flush();
    }
  });
});

describe('a page', () => {
  it('is laid out as docs/stores.md says', async () => {
    const inner = createMemoryScanCache();
    const pages: [string, Uint8Array][] = [];
    const store: ScanCache = { ...inner, put: (given) => void given.forEach(([key, page]) => pages.push([key, page])) };
    await kept(memoryOver(store), file(), { content: found });
    const [[key, page]] = pages as [[string, Uint8Array]];
    expect(key).toBe('r/agent/1/19');
    expect(toHex(page)).toMatchInlineSnapshot(`"565350010c000100722f6167656e742f312f31391201300000f1536500000000ef430cf505000000000000000100a0d8855734160200a0d885573416000000000000000007070707070707070707070707070707070707070707070707070707070707075b7b226e616d65223a2254222c2274797065223a2274726f6a616e222c2264657461696c223a7b226174223a317d7d5d"`);
    expect(parsePage(page, key)).toBeDefined();
  });

  it('that was cut, lengthened or kept under another key is none', async () => {
    const store = createMemoryScanCache();
    await kept(memoryOver(store), file(), { content: found });
    const key = 'r/agent/1/19';
    const [page] = (await store.get([key])) as [Uint8Array];
    for (let length = 0; length < page.length; length++) {
      expect(parsePage(page.subarray(0, length), key)).toBeUndefined();
    }
    expect(parsePage(Uint8Array.of(...page, 0), key)).toBeUndefined();
    expect(parsePage(page, 'r/agent/1/20')).toBeUndefined();
    expect(parsePage(page, key)).toBeDefined();
  });

  it('of any bytes at all is read to its end or refused', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), fc.boolean(), (bytes, withHead) => {
        const head = fromHex('565350010100010061')!;
        parsePage(withHead ? Uint8Array.of(...head, ...bytes) : bytes, 'a');
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) },
    );
  });
});
