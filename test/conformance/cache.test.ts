import { describe, it } from 'vitest';
import { createMemoryCache } from '../../src/cache/memory-cache.js';
import { describeVerdictCache } from '../../src/testing.js';

describeVerdictCache({ describe, it }, { name: 'memory cache', create: (context) => createMemoryCache(context) });
