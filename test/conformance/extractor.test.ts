import { createHash } from 'node:crypto';
import { describe, it } from 'vitest';
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import { describeExtractor } from '../../src/testing.js';
import { registrableDomain } from '../../src/url.js';

describeExtractor({ describe, it }, { name: 'host rule labels5', create: () => createExtractor({ hostRule: 'labels5' }) });
describeExtractor({ describe, it }, { name: 'host rule psl', create: () => createExtractor({ hostRule: 'psl', registrableDomain }) });
describeExtractor({ describe, it }, { name: 'hashes of Node', create: () => createExtractor({ hostRule: 'labels5', createHash }) });
