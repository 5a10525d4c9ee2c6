/** Parts of the host that throw, hang or hand over nonsense: no check rejects for them, and none ends as clean. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, urlSubject, type Subject } from '../../src/base/subject.js';
import type { HostLists } from '../../src/lists/host-lists.js';
import type { QueryClient } from '../../src/query/query-client.js';
import { contentEntry } from '../support/feed.js';
import { createWorld } from '../support/world.js';

const feed = { hashes: [contentEntry('Listed', 'content a')] };
const listed = bytesSubject(toUtf8('content a'));
const plain = bytesSubject(toUtf8('nothing special'));
const hanging: Subject = { kind: 'file', open: () => new Promise(() => undefined) };

function client(ask: QueryClient['ask']): QueryClient {
  return { ask, probe: async () => false, nextProbeAt: () => 0, reset: () => undefined, servers: () => [], inFlight: () => 0, close: async () => undefined };
}

describe('host lists that throw', () => {
  const lists: HostLists = {
    judge: () => {
      throw new Error('lists are away');
    },
    add: async () => undefined,
    remove: async () => undefined,
    async *entries() {},
  };

  it('leave a find as it is and make everything else unknown', async () => {
    const { engine, events } = await createWorld({ feed, parts: { lists } });
    expect((await engine.check(listed)).verdict.disposition).toBe('malicious');
    expect((await engine.check(plain)).verdict).toMatchObject({ disposition: 'unknown', reason: 'internal' });
    expect(engine.checkLocal('http://x.example/')).toMatchObject({ disposition: 'unknown', reason: 'internal' });
    expect(events.some((event) => event.kind === 'fault' && event.where === 'lists')).toBe(true);
  });
});

describe('a query client of the host', () => {
  it('that rejects counts as one that nobody answered, and what it was asked about is flagged', async () => {
    const { engine } = await createWorld({ feed, without: ['filter'], parts: { query: client(() => Promise.reject(new Error('down'))) } });
    expect(await engine.check(listed)).toMatchObject({ verdict: { disposition: 'unknown', reason: 'unreachable' }, pending: { kind: 'queued' } });
  });

  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['an object without a kind', {}],
    ['no reason', { kind: 'unanswered', attempts: 1 }],
    ['a reason that is none', { kind: 'unanswered', reason: 'fine', attempts: 1 }],
    ['an answer of nothing', { kind: 'answered', from: 'x' }],
  ])('that hands over %s has not answered', async (_, outcome) => {
    const ask = (async () => [outcome]) as unknown as QueryClient['ask'];
    const { engine } = await createWorld({ feed, without: ['filter'], parts: { query: client(ask) } });
    expect((await engine.check(listed)).verdict.disposition).toBe('unknown');
  });
});

describe('a subject that hangs', () => {
  it('gives its turn back when its caller has gone, so that it stops nobody else', async () => {
    const world = await createWorld({ feed, config: { limits: { maxConcurrent: 1 } } });
    const first = await world.clock.run(world.engine.check(hanging, { deadlineMs: 100 }));
    expect(first.verdict.reason).toBe('deadline');
    expect((await world.engine.check(plain, { deadlineMs: 100 })).verdict.disposition).toBe('clean');
  });
});

describe('patterns that never come', () => {
  const pattern = (): Promise<never> => new Promise(() => undefined);

  it('keep no check over its deadline', async () => {
    const world = await createWorld({ feed, parts: { pattern } });
    const result = await world.clock.run(world.engine.check(plain, { deadlineMs: 100 }));
    expect(result.verdict).toMatchObject({ disposition: 'unknown', reason: 'deadline' });
  });

  it('keep no check that is aborted, nor one of an engine that is closed', async () => {
    const { engine } = await createWorld({ feed, parts: { pattern } });
    const caller = new AbortController();
    const aborted = engine.check(plain, { signal: caller.signal });
    const closed = engine.check(urlSubject('http://x.example/'));
    caller.abort();
    await expect(aborted).rejects.toMatchObject({ code: 'aborted' });
    const ends = expect(closed).rejects.toMatchObject({ code: 'closed' });
    await engine.close();
    await ends;
  });
});
