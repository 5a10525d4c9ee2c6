import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import type { Kind } from '../../bench/haystacks/haystack.js';
import { blockBytes, blockOrder, interleave, kinds, packLiterals, sha256Of, unpackLiterals } from '../../bench/haystacks/haystack.js';
import { quickHaystack } from '../../bench/haystacks/quick.js';
import { loadHaystack, saveHaystack } from '../../bench/haystacks/store.js';
import { scanInput } from '../../bench/inputs/scan-input.js';

const dir = mkdtempSync(join(tmpdir(), 'vedette-haystack-'));
afterAll(() => rmSync(dir, { recursive: true, force: true }));

describe('the quick haystack', () => {
  const haystack = quickHaystack();

  it('is the same on every machine', () => {
    const { bytes, literals } = haystack;
    expect([bytes.length, sha256Of(bytes).slice(0, 16), sha256Of(packLiterals(literals)).slice(0, 16)]).toMatchInlineSnapshot(`
      [
        262144,
        "1c609589b755d2b4",
        "989533866b8893b1",
      ]
    `);
  });

  it('has 120 different literals of 8 to 64 bytes', () => {
    const lengths = haystack.literals.map(({ length }) => length);
    expect(new Set(haystack.literals.map((literal) => literal.toString('latin1'))).size).toBe(120);
    expect([Math.min(...lengths) >= 8, Math.max(...lengths) <= 64]).toEqual([true, true]);
  });

  it('holds some of them and not others, and more of them the more of it is read', () => {
    const { expected } = scanInput(haystack, 120);
    expect([1_024, 32_768, haystack.bytes.length].map((amount) => Number.parseInt(expected(amount), 10))).toMatchInlineSnapshot(`
      [
        0,
        5,
        36,
      ]
    `);
  });
});

describe('a haystack', () => {
  it('has all kinds in their shares within any eight blocks from the beginning', () => {
    const contents = Object.fromEntries(kinds.map((kind, i) => [kind, Buffer.alloc(7 * blockBytes, i)])) as Record<Kind, Buffer>;
    const bytes = interleave(contents);
    expect(bytes.length).toBe(2 * 8 * blockBytes);
    for (const eight of [0, 8]) {
      const found = Array.from({ length: 8 }, (_, i) => kinds[bytes[(eight + i) * blockBytes]!]);
      expect(found).toEqual(blockOrder);
    }
  });

  it('gives its literals back as they were packed', () => {
    const literals = [Buffer.from('12345678'), Buffer.alloc(64, 0xff), Buffer.from('x'.repeat(9))];
    expect(unpackLiterals(packLiterals(literals))).toEqual(literals);
    expect(unpackLiterals(packLiterals([]))).toEqual([]);
  });

  it('is kept, and not taken when it was damaged since', () => {
    const haystack = quickHaystack();
    expect(loadHaystack(dir)).toBeUndefined();
    saveHaystack(dir, haystack);
    const kept = loadHaystack(dir);
    expect([kept?.description, kept?.literals]).toEqual([haystack.description, haystack.literals]);
    expect(kept?.bytes.equals(haystack.bytes)).toBe(true);
    writeFileSync(join(dir, 'mixed.bin'), haystack.bytes.subarray(1));
    expect(loadHaystack(dir)).toBeUndefined();
  });

  it('is described without the names of files', () => {
    expect(JSON.stringify(quickHaystack().description)).not.toMatch(/[/\\]/);
  });
});
