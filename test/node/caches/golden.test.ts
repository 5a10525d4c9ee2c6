/** Records of the caches, version 1, as they are written and as they have to be read; those of another version are misses. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex, toUtf8 } from '../../../src/base/bytes.js';
import type { CacheSlot } from '../../../src/cache/verdict-cache.js';
import { contentOf, encodeEntry } from '../../../src/cache/scan/page-entry.js';
import { emptyPage, pageWith, parsePage } from '../../../src/cache/scan/scan-page.js';
import { decodeRecord, encodeRecord, type RecordKind } from '../../../src/node/caches/record.js';
import { decodeSlot, encodeSlot } from '../../../src/node/caches/slot-codec.js';

const slot: CacheSlot = [
  {
    answer: { asked: Uint8Array.of(1, 2, 3, 4), records: [{ hash: new Uint8Array(32).fill(9), disposition: 'malicious', threats: [{ name: 'Listed', type: 'trojan' }] }], ttlMs: 3_600_000, generation: 7 },
    from: 'server-1', strength: 4, receivedAt: 1_700_000_000_000, receivedMonotonicMs: 12.5, process: 'boot-1', ttlMs: 3_000_000,
  },
];
const file = { dev: 1n, ino: 65n, size: 7n, mtimeNs: 1_600_000_000_123_456_789n, ctimeNs: 1_600_000_001_123_456_789n };
const content = { digests: { sha256: new Uint8Array(32).fill(1), md5: new Uint8Array(16).fill(2) }, threats: [{ name: 'Found', type: 'test' }] };
const pageKey = '1/abcd.1000/1/1';
const entry = encodeEntry(file, { at: { epochS: 1_700_000_000, steadyS: 99, steadyTag: 5 }, scan: 'all', content }) ?? new Uint8Array();
const records: readonly (readonly [name: string, kind: RecordKind, key: string, content: Uint8Array])[] = [
  ['answer', 'verdict', 'file sha256 01020304', encodeSlot(slot)],
  ['page', 'scan', pageKey, pageWith(emptyPage, pageKey, new Map([[1, entry]]))],
  ['note', 'note', 'high-water', toUtf8('1700000000000')],
];
const golden = JSON.parse(readFileSync(new URL('../golden/caches-v1.json', import.meta.url), 'utf8')) as Readonly<Record<string, string>>;

describe('records of the caches', () => {
  it.each(records)('of an %s are the recorded ones', (name, kind, key, bytes) => {
    expect(toHex(encodeRecord(kind, toUtf8(key), bytes))).toBe(golden[name]);
    expect(decodeRecord(kind, toUtf8(key), fromHex(golden[name] ?? '') ?? new Uint8Array())).toEqual(bytes);
  });

  it('say what was kept', () => {
    const [answer, page] = records.map(([name, kind, key]) => decodeRecord(kind, toUtf8(key), fromHex(golden[name] ?? '') ?? new Uint8Array()) ?? new Uint8Array());
    expect(decodeSlot(answer!)).toEqual(slot);
    const parsed = parsePage(page!, pageKey);
    expect(contentOf(parsed!.view, parsed!.offsets[1]!, { by: 'abcd.1000', scan: 'all', md5: true, sha1: false })).toEqual({ ...content, mark: 0 });
  });

  it.each(records)('of an %s under another version, kind or key are none', (name, kind, key) => {
    const bytes = fromHex(golden[name] ?? '') ?? new Uint8Array();
    const later = bytes.slice();
    later[3] = 2;
    const others: readonly (Uint8Array | undefined)[] = [
      decodeRecord(kind, toUtf8(key), later),
      decodeRecord(kind === 'note' ? 'scan' : 'note', toUtf8(key), bytes),
      decodeRecord(kind, toUtf8(`${key}x`), bytes),
      decodeRecord(kind, toUtf8(key), bytes.slice(0, -1)),
    ];
    expect(others).toEqual([undefined, undefined, undefined, undefined]);
  });
});
