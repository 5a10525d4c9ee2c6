import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMemoryStatementStore } from '../../../src/server/relay/memory-statement-store.js';
import type { SignedStatement } from '../../../src/server/relay/statement-store.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const costOf = (statementBytes: number): number => statementBytes + 400;
const statement = (bytes: number, generation = 1): SignedStatement => ({
  statement: new Uint8Array(bytes), signature: new Uint8Array(64), generation, issuedAt: 1, expiresAt: 2,
});

describe('statements in memory', () => {
  it('are kept up to exactly the bytes that were given, those used longest ago go first', async () => {
    const store = createMemoryStatementStore({ maxBytes: 3 * costOf(100) });
    await store.put(new Map(['a', 'b', 'c'].map((key) => [key, statement(100)])));
    await store.get(['a']);
    expect(store.entries).toBe(3);
    await store.put(new Map([['d', statement(100)]]));
    expect((await store.get(['a', 'b', 'c', 'd'])).map((one) => one !== undefined)).toEqual([true, false, true, true]);
    await store.put(new Map([['e', statement(101)]]));
    expect((await store.get(['a', 'c', 'd', 'e'])).map((one) => one !== undefined)).toEqual([false, false, true, true]);
  });

  it('are copies, and one that is too large for all is not kept', async () => {
    const store = createMemoryStatementStore({ maxBytes: costOf(10) });
    const given = statement(10);
    await store.put(new Map([['a', given]]));
    given.statement[0] = 9;
    expect((await store.get(['a']))[0]?.statement[0]).toBe(0);
    await store.put(new Map([['b', statement(11)]]));
    expect([store.entries, ...(await store.get(['a', 'b']))]).toEqual([0, undefined, undefined]);
    expect(() => createMemoryStatementStore({ maxBytes: -1 })).toThrow(RangeError);
  });

  it('are what a plain model of the last used says', async () => {
    const step = fc.record({ key: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), bytes: fc.integer({ min: 0, max: 900 }), puts: fc.boolean() });
    await fc.assert(fc.asyncProperty(fc.array(step, { maxLength: 60 }), async (steps) => {
      const maxBytes = 4_000;
      const store = createMemoryStatementStore({ maxBytes });
      let model: [string, SignedStatement][] = [];
      for (const [i, { key, bytes, puts }] of steps.entries()) {
        const old = model.find(([name]) => name === key);
        if (puts) {
          const next = statement(bytes, i);
          await store.put(new Map([[key, next]]));
          model = [...model.filter((one) => one !== old), [key, next]];
          while (model.reduce((sum, [, one]) => sum + costOf(one.statement.length), 0) > maxBytes) {
            model.shift();
          }
        } else {
          expect((await store.get([key]))[0]?.generation).toBe(old?.[1].generation);
          model = old === undefined ? model : [...model.filter((one) => one !== old), old];
        }
        expect(store.entries).toBe(model.length);
      }
    }), runs);
  });
});
