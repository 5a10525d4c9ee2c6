/** The matcher of an agent pattern: cuts leave no trace, in any view and for any kind of signature. */
import { describe, expect, it } from 'vitest';
import { readNdb } from '../../../src/compile/readers/clamav-ndb.js';
import { readLdb } from '../../../src/compile/readers/logical/clamav-ldb.js';
import type { Matcher } from '../../../src/scan/matcher.js';
import type { RuleMatcherOptions } from '../../../src/scan/rules/rule-matcher.js';
import { createRuleMatcher } from '../../../src/scan/rules/rule-matcher.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { contextOf } from '../../compile/context.js';
import { randomCase } from '../../support/differential/cases.js';
import type { DifferentialCase } from '../../support/differential/cases.js';
import { awkwardSource, scan } from '../../support/scan-feed.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);

function matcherOf({ ndb, ldb }: DifferentialCase, options: RuleMatcherOptions): Matcher {
  const bodies = readNdb(ndb.join('\n'), contextOf());
  const { logical } = readLdb(ldb.join('\n'), contextOf());
  return createRuleMatcher({ signatures: { count: bodies.signatures.length, at: (index) => bodies.signatures[index]! }, logical, macros: bodies.macros.map(({ body }) => body) }, options);
}

describe('the matcher of an agent pattern', () => {
  it('tells the same however a content is cut and read, and however large its cells are', async () => {
    for (let seed = 1; seed <= runs; seed++) {
      const random = createSeededRandom(seed);
      const one = randomCase(random, 2);
      const whole = matcherOf(one, {});
      const tiny = matcherOf(one, { tuning: { cellBytes: 1 + Math.floor(random() * 40), innerGapBytes: Math.floor(random() * 8), maxPlaces: Math.floor(random() * 5) } });
      for (const content of one.contents) {
        const expected = await scan(whole, content);
        const chunks = Array.from({ length: 5 }, () => 1 + Math.floor(random() * 60));
        expect([seed, await scan(whole, content, { chunks, source: awkwardSource(content, chunks[0]!) })]).toEqual([seed, expected]);
        expect([seed, (await scan(tiny, content, { chunks })).findings.map(({ threat }) => threat.name)]).toEqual([seed, expected.findings.map(({ threat }) => threat.name)]);
      }
    }
  });

  it('ends at the same place with the same budget, however a content is cut', async () => {
    for (let seed = 1; seed <= runs; seed++) {
      const random = createSeededRandom(seed);
      const one = randomCase(random, 1);
      const options = { budget: { base: Math.floor(random() * 200), perByte: 0 } };
      const chunks = Array.from({ length: 5 }, () => 1 + Math.floor(random() * 60));
      // A matcher each: an expression that was searched for before has its automaton already, and costs less.
      const expected = await scan(matcherOf(one, options), one.contents[0]!);
      expect([seed, await scan(matcherOf(one, options), one.contents[0]!, { chunks })]).toEqual([seed, expected]);
    }
  });

  it('says without allMatches that there is something exactly when there is', async () => {
    for (let seed = 1; seed <= runs; seed++) {
      const one = randomCase(createSeededRandom(seed), 2);
      const matcher = matcherOf(one, {});
      for (const content of one.contents) {
        const all = await scan(matcher, content);
        const some = await scan(matcher, content, { allMatches: false, chunks: [9] });
        expect([seed, some.findings.length > 0]).toEqual([seed, all.findings.length > 0]);
      }
    }
  });
});
