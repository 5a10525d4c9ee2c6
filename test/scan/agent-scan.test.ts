import { describe, expect, it } from 'vitest';
import type { Fingerprint } from '../../src/base/fingerprint.js';
import { hashBytes } from '../../src/base/fingerprint.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { encodeHashTable, openHashTable } from '../../src/pattern/hashes/hash-table.js';
import { encodeSignatures } from '../../src/pattern/signatures/signature-codec.js';
import { openSignatures } from '../../src/pattern/signatures/signature-store.js';
import type { ByteSignature } from '../../src/pattern/signature.js';
import { createLocalPattern } from '../../src/scan/agent-scan.js';
import { namesOf, scan } from '../support/scan-feed.js';

const hash = (algorithm: Fingerprint['algorithm'], byte: number): Uint8Array => new Uint8Array(hashBytes[algorithm]).fill(byte);
const entry = (algorithm: Fingerprint['algorithm'], byte: number, change: Partial<HashEntry> = {}): HashEntry => ({
  kind: 'file',
  algorithm,
  hash: hash(algorithm, byte),
  disposition: 'malicious',
  threat: { name: `${algorithm}-${byte}`, type: 'trojan' },
  ...change,
});
const approval = (algorithm: Fingerprint['algorithm'], byte: number, size?: number): HashEntry =>
  entry(algorithm, byte, { disposition: 'clean', ...(size === undefined ? {} : { size }) });
const fingerprint = (algorithm: Fingerprint['algorithm'], byte: number, size?: number): Fingerprint => ({
  kind: 'file',
  algorithm,
  hash: hash(algorithm, byte),
  ...(size === undefined ? {} : { size }),
});

const marker: ByteSignature = {
  threat: { name: 'Marker', type: 'test-file' },
  target: 0,
  offset: { kind: 'any' },
  nodes: [{ kind: 'bytes', value: Buffer.from('marker'), mask: new Uint8Array(6).fill(255) }],
};

function patternOf(allow: readonly HashEntry[], hashes: readonly HashEntry[], signatures: readonly ByteSignature[] = [marker]) {
  const none = openHashTable(encodeHashTable([]));
  const unused = { logical: [], macros: [], sectionHashes: none, importHashes: none };
  const tables = { ...unused, signatures: openSignatures(encodeSignatures(signatures)), allow: openHashTable(encodeHashTable(allow)), hashes: openHashTable(encodeHashTable(hashes)) };
  return createLocalPattern(tables, 7);
}

describe('a local pattern', () => {
  it('has the generation, the number of signatures and the matcher of its tables', async () => {
    const pattern = patternOf([], []);
    expect([pattern.generation, pattern.byteSignatures]).toEqual([7, 1]);
    expect(namesOf(await scan(pattern.matcher, Buffer.from('.. marker ..')))).toEqual(['Marker']);
  });

  it('wants the weak digests of its entries, for their sizes, and none for approvals that cannot count', () => {
    expect(patternOf([approval('sha256', 1)], [entry('sha256', 2)]).wants).toEqual({});
    expect(patternOf([approval('md5', 1, 30), approval('md5', 2, 10), approval('sha1', 3, 5)], []).wants).toEqual({ md5: [10, 30], sha1: [5] });
    expect(patternOf([], [entry('md5', 1, { size: 4 }), entry('md5', 2)]).wants).toEqual({ md5: 'any' });
    expect(patternOf([approval('md5', 1)], []).wants).toEqual({});
  });
});

describe('the judgement by hashes', () => {
  const both = patternOf(
    [approval('sha256', 1), approval('md5', 2, 100), approval('md5', 3), approval('sha1', 4, 100), approval('sha1', 5), approval('sha256', 8, 50)],
    [entry('sha256', 1), entry('md5', 3), entry('sha256', 6, { size: 10 }), entry('sha256', 7), entry('sha256', 7, { threat: { name: 'also', type: 'x' } }), entry('sha1', 5), entry('sha256', 9, { disposition: 'clean' })],
  );

  it.each<[string, Fingerprint[], unknown]>([
    ['approved before found', [fingerprint('sha256', 1)], { kind: 'approved', by: 'sha256-1' }],
    ['approved by MD5 with the size', [fingerprint('sha256', 20, 100), fingerprint('md5', 2, 100)], { kind: 'approved', by: 'md5-2' }],
    ['not approved by MD5 with another size', [fingerprint('md5', 2, 101)], { kind: 'none' }],
    ['not approved by MD5 when the size is not known', [fingerprint('md5', 2)], { kind: 'none' }],
    ['not approved by MD5 without a size, but found by it', [fingerprint('md5', 3, 100)], { kind: 'found', threats: [{ name: 'md5-3', type: 'trojan' }] }],
    ['approved by SHA-1 with the size', [fingerprint('sha1', 4, 100)], { kind: 'approved', by: 'sha1-4' }],
    ['not approved by SHA-1 without a size', [fingerprint('sha1', 5, 100)], { kind: 'found', threats: [{ name: 'sha1-5', type: 'trojan' }] }],
    ['found with its size', [fingerprint('sha256', 6, 10)], { kind: 'found', threats: [{ name: 'sha256-6', type: 'trojan' }] }],
    ['not found with another size', [fingerprint('sha256', 6, 11)], { kind: 'none' }],
    ['found under all its names, sorted', [fingerprint('sha256', 7, 1)], { kind: 'found', threats: [{ name: 'also', type: 'x' }, { name: 'sha256-7', type: 'trojan' }] }],
    ['not approved where the size does not fit', [fingerprint('sha256', 8, 51)], { kind: 'none' }],
    ['not found by an entry that calls it clean', [fingerprint('sha256', 9)], { kind: 'none' }],
    ['nothing about what is not listed', [fingerprint('sha256', 99)], { kind: 'none' }],
    ['nothing about nothing', [], { kind: 'none' }],
  ])('is: %s', (_, fingerprints, expected) => {
    expect(both.judge(fingerprints)).toEqual(expected);
  });
});
