import { describe, it } from 'vitest';
import { createFetchTransport } from '../../src/preset/fetch-transport.js';
import { createInProcessTransport } from '../../src/preset/in-process-transport.js';
import { serve, type RunningServer } from '../../src/server/node-serve.js';
import { describeTransport, type ConnectedTransport } from '../../src/testing/suites/transport-suite.js';

const running = new WeakMap<ConnectedTransport, RunningServer>();

describeTransport({ describe, it }, {
  name: 'fetch over loopback',
  speaks: 'http',
  create: async ({ far }) => {
    const server = await serve({ handler: far.handle, limits: { maxBodyBytes: 1_000_000, closeGraceMs: 0 } });
    const connected = { transport: createFetchTransport(), server: { id: 'fetch', address: server.url, scope: 'local' as const } };
    running.set(connected, server);
    return connected;
  },
  dispose: (connected) => running.get(connected)?.close(),
});

describeTransport({ describe, it }, {
  name: 'in process',
  speaks: 'http',
  create: ({ far }) => ({
    transport: createInProcessTransport(far.handle),
    server: { id: 'inner', address: 'in-process:test', scope: 'local' },
  }),
});
