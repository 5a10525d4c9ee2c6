import { describe, expect, it } from 'vitest';
import { matchingRecords, sizeFits, type AnswerRecord, type Fingerprint } from '../../src/base/fingerprint.js';

const hash = new Uint8Array(32).fill(7);
const record = (size: number | undefined, disposition: AnswerRecord['disposition']): AnswerRecord => ({ hash, disposition, threats: [], ...(size === undefined ? {} : { size }) });
const fingerprint = (size: number | undefined): Fingerprint => ({ kind: 'file', algorithm: 'sha256', hash, ...(size === undefined ? {} : { size }) });

describe('a record', () => {
  it.each([
    ['without a size holds for every file', undefined, 5, 'malicious', true],
    ['with the size holds', 5, 5, 'malicious', true],
    ['with another size does not hold', 6, 5, 'malicious', false],
    ['that accuses holds for a digest whose size nobody knows', 6, undefined, 'malicious', true],
    ['that suspects holds for it as well', 6, undefined, 'suspicious', true],
    ['that clears does not hold for it', 6, undefined, 'clean', false],
    ['that clears whatever the size holds for it', undefined, undefined, 'clean', true],
  ] as const)('%s', (_, listed, size, disposition, expected) => {
    expect(sizeFits(record(listed, disposition), size)).toBe(expected);
    expect(matchingRecords({ asked: hash, records: [record(listed, disposition)], ttlMs: 1 }, fingerprint(size))).toHaveLength(expected ? 1 : 0);
  });

  it('of another hash never holds', () => {
    const other: AnswerRecord = { ...record(undefined, 'malicious'), hash: new Uint8Array(32) };
    expect(matchingRecords({ asked: hash.subarray(0, 4), records: [other], ttlMs: 1 }, fingerprint(undefined))).toEqual([]);
  });
});
