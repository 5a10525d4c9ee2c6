import { describe, it } from 'vitest';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { describeStateStore } from '../../src/testing.js';

describeStateStore({ describe, it }, { name: 'memory state', create: createMemoryState });
