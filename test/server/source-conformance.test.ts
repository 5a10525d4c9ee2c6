import { describe, it } from 'vitest';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import { createHandler } from '../../src/server/handler.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { describeReputationSource } from '../../src/testing/suites/source-suite.js';
import { storeOf } from '../support/server-fixtures.js';
import { crypto, serverAt, trusted } from '../support/wire-fixtures.js';

for (const [name, signer] of [['signed', trusted], ['unsigned', undefined]] as const) {
  describeReputationSource({ describe, it }, {
    name: `wire source over a handler in the same process, ${name}`,
    create: async ({ entries }) => {
      const clock = new FakeClock();
      const handler = createHandler({ store: await storeOf(entries), crypto, clock, signer });
      const trust = signer === undefined ? [] : [signer.publicKey];
      return createWireSource({ transport: createInProcessTransport(handler), server: serverAt('in-process:test'), trust, crypto, clock });
    },
    unreachable: () =>
      createWireSource({
        transport: createInProcessTransport(() => Promise.reject(new Error('down'))),
        server: serverAt('in-process:test'),
        trust: [],
        crypto,
        clock: new FakeClock(),
      }),
  });
}
