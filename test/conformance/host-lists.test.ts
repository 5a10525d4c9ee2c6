import { describe, it } from 'vitest';
import { urlExpression } from '../../src/fingerprint/url-expressions.js';
import { createHostLists } from '../../src/lists/create-host-lists.js';
import { describeHostLists } from '../../src/testing.js';

describeHostLists({ describe, it }, { name: 'host lists', create: ({ clock }) => createHostLists({ expression: urlExpression, clock }) });
