/**
 * vedette and clamscan on the same signatures and contents, made at random for each other: instances and near misses of
 * every construct of the language. `DIFFERENTIAL_CASES` says how many signatures (16 contents each), `SEED` which.
 */
import { describe, expect, it } from 'vitest';
import { readNdb } from '../../src/compile/readers/clamav-ndb.js';
import { readLdb } from '../../src/compile/readers/logical/clamav-ldb.js';
import type { Matcher } from '../../src/scan/matcher.js';
import { createRuleMatcher } from '../../src/scan/rules/rule-matcher.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { clamscanSet } from '../support/clamscan-set.js';
import { hasClamscan } from '../support/clamscan.js';
import { randomCase } from '../support/differential/cases.js';
import type { DifferentialCase } from '../support/differential/cases.js';
import { namesOf, scan } from '../support/scan-feed.js';
import { contextOf } from './context.js';

const cases = Number(process.env.DIFFERENTIAL_CASES ?? 40);
const firstSeed = Number(process.env.SEED ?? 1);
const filesPerCase = 16;

/** A matcher of the lines, or undefined when vedette does not take one of them. */
function matcherOf({ ndb, ldb }: DifferentialCase): Matcher | undefined {
  const bodies = readNdb(ndb.join('\n'), contextOf());
  const rules = readLdb(ldb.join('\n'), contextOf());
  if (bodies.skipped.length + rules.skipped.length > 0) {
    return undefined;
  }
  return createRuleMatcher({
    signatures: { count: bodies.signatures.length, at: (index) => bodies.signatures[index]! },
    logical: rules.logical,
    macros: bodies.macros.map(({ body }) => body),
  });
}

interface Difference {
  readonly seed: number;
  readonly lines: readonly string[];
  readonly content: string;
  readonly clamscan: boolean;
}

describe.skipIf(!hasClamscan())('signatures and contents at random (needs clamscan)', () => {
  it(`are found by vedette where clamscan finds them: ${cases * filesPerCase} pairs from seed ${firstSeed}`, { timeout: 60_000 + cases * 2000 }, async () => {
    const differences: Difference[] = [];
    const account = { pairs: 0, found: 0, refused: 0 };
    for (let seed = firstSeed; seed < firstSeed + cases; seed++) {
      const one = randomCase(createSeededRandom(seed), filesPerCase);
      const expected = clamscanSet(one, one.contents);
      const matcher = matcherOf(one);
      expect([one, matcher === undefined]).toEqual([one, expected === undefined]);
      if (matcher === undefined || expected === undefined) {
        account.refused++;
        continue;
      }
      for (const [i, content] of one.contents.entries()) {
        const found = namesOf(await scan(matcher, content, { chunks: [1 + (seed % 7), 3, 50] })).includes('T');
        account.pairs++;
        account.found += found ? 1 : 0;
        if (found !== expected[i]!.includes('T')) {
          differences.push({ seed, lines: [...one.ndb, ...one.ldb], content: JSON.stringify(String.fromCharCode(...content)), clamscan: !found });
        }
      }
    }
    if (process.env.DIFFERENTIAL_CASES !== undefined) {
      console.log(account, differences.length);
    }
    // One of each signature: the rest of its contents mostly differ for the same reason.
    expect(differences.filter(({ seed }, i) => differences[i - 1]?.seed !== seed).slice(0, 20)).toEqual([]);
    expect(account.found).toBeGreaterThan(account.pairs / 20);
  });
});
