import { describe, it } from 'vitest';
import { describeReputationStore } from '../../src/testing.js';
import { storeOf } from '../support/server-fixtures.js';

describeReputationStore({ describe, it }, { name: 'memory store', create: ({ entries, generation }) => storeOf(entries, generation) });
