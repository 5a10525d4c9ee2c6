import { describe, it } from 'vitest';
import { createFetchTransport } from '../../src/preset/http/fetch-transport.js';
import { serve, type RunningServer } from '../../src/server/node/serve.js';
import { describeTransport, type ConnectedTransport } from '../../src/testing/suites/transport-suite.js';

const running = new WeakMap<ConnectedTransport, RunningServer>();

describeTransport({ describe, it }, {
  name: 'fetch to the server of this package',
  speaks: 'http',
  create: async ({ far }) => {
    const server = await serve({ handler: far.handle, limits: { maxBodyBytes: 1_000_000, closeGraceMs: 0 } });
    const connected = { transport: createFetchTransport(), server: { id: 'fetch', address: server.url, scope: 'local' as const } };
    running.set(connected, server);
    return connected;
  },
  dispose: (connected) => running.get(connected)?.close(),
});
