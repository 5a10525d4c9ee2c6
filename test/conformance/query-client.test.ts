import { describe, it } from 'vitest';
import { createQueryClient } from '../../src/query/create-query-client.js';
import { describeQueryClient } from '../../src/testing.js';

describeQueryClient({ describe, it }, { name: 'query client', create: createQueryClient, dispose: (client) => client.close() });
