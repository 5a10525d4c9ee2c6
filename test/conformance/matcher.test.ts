import { describe, it } from 'vitest';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { createNaiveMatcher } from '../../src/scan/naive-matcher.js';
import { describeMatcher } from '../../src/testing.js';

const seed = Number(process.env['FUZZ_SEED'] ?? 1);

describeMatcher({ describe, it }, {
  name: 'naive matcher',
  create: createNaiveMatcher,
  seed,
  skip: { 'a thousand signatures in a content of a hundred thousand bytes': 'the oracle is slow by design: 40 s for each of the three passes' },
});
describeMatcher({ describe, it }, { name: 'multi matcher', create: (signatures) => createMatcher(signatures), seed });
