import { connect, Socket } from 'node:net';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPace, type InPace, type PaceLimits } from '../../src/server/node/pace.js';
import { serve } from '../../src/server/node/serve.js';

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const limits: PaceLimits = { refusalsPerSecond: 100, refusalBurst: 3, maxWaiting: 10 };

/** Refuses on a socket of its own, and tells who was refused. */
function line(pace: InPace): { readonly refused: number[]; readonly refuse: (name: number) => Socket } {
  const refused: number[] = [];
  return {
    refused,
    refuse: (name) => {
      const socket = new Socket();
      pace(socket, () => void refused.push(name));
      return socket;
    },
  };
}

const range = (count: number): number[] => Array.from({ length: count }, (_, i) => i);

describe('the pace of refusals', () => {
  it('is no more than burst and rate allow, in order, and forgets nobody who stays', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.nat(300), fc.nat(5)), { maxLength: 40 }), (steps) => {
        const { refused, refuse } = line(createPace({ ...limits, maxWaiting: 1000 }));
        const from = performance.now();
        let asked = 0;
        for (const [pauseMs, many] of steps) {
          vi.advanceTimersByTime(pauseMs);
          range(many).forEach(() => refuse(asked++));
          expect(refused.length).toBeLessThanOrEqual(limits.refusalBurst + ((performance.now() - from) * limits.refusalsPerSecond) / 1000 + 1e-6);
        }
        vi.advanceTimersByTime(10 * asked + 100);
        expect(refused).toEqual(range(asked));
      }),
      { numRuns: Number(process.env['FUZZ_RUNS'] ?? 50) },
    );
  });

  it('cuts who finds the line full, and nobody before him', () => {
    const { refused, refuse } = line(createPace(limits));
    const sockets = range(20).map((name) => refuse(name));
    expect(sockets.map((socket) => socket.destroyed)).toEqual(range(20).map((i) => i >= limits.refusalBurst + limits.maxWaiting));
    vi.advanceTimersByTime(1000);
    expect(refused).toEqual(range(13));
  });

  it('gives the place of whoever has gone to the next, at no cost', async () => {
    const { refused, refuse } = line(createPace(limits));
    const sockets = range(13).map((name) => refuse(name));
    sockets.slice(3, 12).forEach((socket) => socket.destroy());
    await Promise.all(sockets.slice(3, 12).map((socket) => new Promise((resolve) => socket.once('close', resolve))));
    refuse(13);
    vi.advanceTimersByTime(20);
    expect(refused).toEqual([0, 1, 2, 12, 13]);
  });

  it('has one place for a connection and listens once for its end, however often it is refused', () => {
    const pace = createPace(limits);
    const socket = new Socket();
    const said: number[] = [];
    for (const i of range(50)) {
      pace(socket, () => void said.push(i));
    }
    expect(socket.listenerCount('close')).toBe(1);
    vi.advanceTimersByTime(1000);
    expect(said).toEqual([0, 1, 2, 49]);
  });
});

describe('a server whose refusals are used up', () => {
  beforeEach(() => void vi.useRealTimers());

  it('answers who asks properly, while rubbish waits on its own connections', async () => {
    const server = await serve({
      handler: async (request) => new Response('', { status: new URL(request.url).pathname === '/good' ? 200 : 404 }),
      limits: { refusalsPerSecond: 0.001, refusalBurst: 1, closeGraceMs: 1 },
    });
    const port = Number(new URL(server.url).port);
    const rubbish = ['GET /bad HTTP/1.1\r\nhost: x\r\n\r\n', '\0\r\n\r\n', 'GET /good HTTP/1.1\r\n\r\n', 'POST /good HTTP/1.1\r\nhost: x\r\ncontent-length: 99999\r\n\r\n'];
    try {
      expect((await fetch(`${server.url}/bad`)).status).toBe(404);
      let heard = '';
      const sockets = await Promise.all(
        rubbish.map((text) => new Promise<Socket>((resolve) => {
          const socket = connect(port, '127.0.0.1', () => socket.write(text, () => resolve(socket)));
          socket.on('data', (part: Buffer) => (heard += part.toString())).on('error', () => undefined);
        })),
      );
      for (let i = 0; i < 20; i++) {
        expect((await fetch(`${server.url}/good`)).status).toBe(200);
      }
      expect(heard).toBe('');
      sockets.forEach((socket) => socket.destroy());
    } finally {
      await server.close();
    }
  });
});
