import { describe, it } from 'vitest';
import { createFetchTransport } from '../../src/preset/http/fetch-transport.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import { createScriptedTransport, describeTransport } from '../../src/testing.js';
import type { ConnectedTransport } from '../../src/testing.js';
import { listen, type Loopback } from './loopback.js';

const loopbacks = new Map<ConnectedTransport, Loopback>();

describeTransport({ describe, it }, {
  name: 'fetch transport on loopback',
  speaks: 'http',
  async create({ far }) {
    const loopback = await listen((request) => far.handle(request));
    const connected = { transport: createFetchTransport(), server: { id: 'loopback', address: loopback.url, scope: 'local' } } as const;
    loopbacks.set(connected, loopback);
    return connected;
  },
  dispose: async (connected) => loopbacks.get(connected)?.close(),
});

describeTransport({ describe, it }, {
  name: 'in-process transport',
  speaks: 'http',
  create: ({ far }) => ({
    transport: createInProcessTransport((request) => far.handle(request)),
    server: { id: 'in-process', address: 'in-process:test', scope: 'local' },
  }),
});

describeTransport({ describe, it }, {
  name: 'scripted transport',
  speaks: 'other',
  create({ far }) {
    const transport = createScriptedTransport({
      otherwise: { kind: 'call', reply: (request, signal) => far.respond(request, signal).catch(() => ({ kind: 'failed', retry: true })) },
    });
    return {
      transport,
      server: { id: 'scripted', address: 'in-process:test', scope: 'local' },
    };
  },
});
