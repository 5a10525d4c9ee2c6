import { describe, it } from 'vitest';
import { systemRandom } from '../../src/preset/system-seams.js';
import { createSeededRandom, describeRandom } from '../../src/testing.js';

describeRandom({ describe, it }, { name: 'system random', create: () => systemRandom });
describeRandom({ describe, it }, { name: 'seeded random', create: () => createSeededRandom(1) });
