/** The whole story on one engine: lists → scan → filter → cache → query → pending → decision. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import { VedetteError } from '../../src/base/errors.js';
import { bytesSubject, digestSubject, urlSubject } from '../../src/base/subject.js';
import type { CheckResult } from '../../src/base/check-result.js';
import { contentEntry, literal, serverPattern, urlEntry } from '../support/feed.js';
import { createWorld } from '../support/world.js';

const text = (content: string, label = 'x'): ReturnType<typeof bytesSubject> => bytesSubject(toUtf8(content), { label });
const feed = {
  signatures: [literal('Local.Marker', 'local-marker')],
  allow: [contentEntry('Known.Good', 'approved local-marker', { disposition: 'clean' })],
  hashes: [
    contentEntry('Server.Sha256', 'listed by sha256'),
    contentEntry('Server.Second', 'content c'),
    contentEntry('Server.Md5', 'listed by md5', { algorithm: 'md5' }),
    contentEntry('Server.Sha1', 'listed by sha1', { algorithm: 'sha1', sized: false }),
    contentEntry('Server.Both', 'local-marker and listed'),
    urlEntry('Bad.Page', 'http://bad.example/page'),
    urlEntry('Bad.Host', 'http://evil.example/'),
  ],
};
const brief = (result: CheckResult): unknown => [
  result.verdict.disposition,
  result.verdict.source,
  result.verdict.threats.map((threat) => threat.name),
];

describe('a check', () => {
  it.each([
    ['local-marker inside', 'malicious', 'scan', ['Local.Marker']],
    ['listed by sha256', 'malicious', 'query', ['Server.Sha256']],
    ['listed by md5', 'malicious', 'query', ['Server.Md5']],
    ['listed by sha1', 'malicious', 'query', ['Server.Sha1']],
    ['approved local-marker', 'clean', 'scan', []],
    ['nothing special', 'clean', 'filter', []],
  ])('of "%s" is %s by %s', async (content, ...expected) => {
    const { engine } = await createWorld({ feed });
    expect(brief(await engine.check(text(content)))).toEqual(expected);
  });

  it.each([
    ['http://bad.example/page', 'malicious', ['Bad.Page']],
    ['http://bad.example/other', 'clean', []],
    ['https://sub.evil.example/any/path?q=1', 'malicious', ['Bad.Host']],
    ['http://good.example/', 'clean', []],
  ])('of the URL %s is %s', async (url, disposition, threats) => {
    const { engine } = await createWorld({ feed });
    const result = await engine.check(urlSubject(url));
    expect([result.verdict.disposition, result.verdict.threats.map((threat) => threat.name)]).toEqual([disposition, threats]);
  });

  it('asks nothing about what the filter clears, and nothing twice', async () => {
    const { engine, sent } = await createWorld({ feed });
    await engine.check(text('nothing special'));
    expect(sent).toHaveLength(0);
    await engine.check(text('listed by sha256'));
    const again = await engine.check(text('listed by sha256'));
    expect(sent).toHaveLength(1);
    expect(again.verdict.source).toBe('cache');
  });

  it('sends four bytes of a hash and nothing else that tells the subject', async () => {
    const { engine, sent } = await createWorld({ feed });
    await engine.check(bytesSubject(toUtf8('listed by sha256'), { label: '/home/me/secret-name.txt' }));
    await engine.check(urlSubject('http://user:pw@bad.example/page'));
    const wire = sent.map((body) => toHex(body)).join('');
    const full = contentEntry('', 'listed by sha256').hash;
    expect(wire).toContain(toHex(full.subarray(0, 4)));
    expect(wire).not.toContain(toHex(full.subarray(0, 5)));
    for (const word of ['secret', 'bad.example', 'page', 'listed']) {
      expect(wire).not.toContain(toHex(toUtf8(word)));
    }
  });

  it('lists every match when asked to, from the scan and from the server', async () => {
    const { engine } = await createWorld({ feed });
    const one = await engine.check(text('local-marker and listed'));
    const all = await engine.check(text('local-marker and listed'), { allMatches: true });
    expect(one.verdict.threats.map((threat) => threat.name)).toEqual(['Local.Marker']);
    expect(all.verdict.threats.map((threat) => threat.name)).toEqual(['Local.Marker', 'Server.Both']);
  });

  it('takes entries by size only for that size', async () => {
    const wrong = { ...contentEntry('Wrong.Size', 'some content'), size: 5 };
    const { engine } = await createWorld({ feed: { hashes: [wrong] } });
    expect((await engine.check(text('some content'))).verdict.disposition).toBe('clean');
  });

  it('explains itself when asked for a trace, and only then', async () => {
    const { engine } = await createWorld({ feed });
    const traced = await engine.check(text('listed by sha256'), { trace: true });
    expect(traced.trace.map((step) => step.layer)).toEqual(['subject', 'lists', 'scan', 'filter', 'cache', 'query']);
    expect((await engine.check(text('listed by sha256'))).trace).toEqual([]);
  });

  it('gives results that can be cloned', async () => {
    const { engine } = await createWorld({ feed });
    const result = await engine.check(text('listed by sha256'), { trace: true });
    expect(structuredClone(result)).toEqual(result);
  });
});

describe('the host lists', () => {
  it('beat everything after them, approved beats blocked, and a listed URL is never asked about', async () => {
    const { engine, sent } = await createWorld({ feed });
    await engine.lists.add({ id: 'b', effect: 'blocked', url: 'http://bad.example/' });
    expect((await engine.check(urlSubject('http://bad.example/page'))).verdict).toMatchObject({ disposition: 'malicious', source: 'list' });
    await engine.lists.add({ id: 'a', effect: 'approved', url: 'http://bad.example/page' });
    expect((await engine.check(urlSubject('http://bad.example/page'))).verdict).toMatchObject({ disposition: 'clean', by: 'host:a' });
    expect(sent).toHaveLength(0);
    const hash = toHex(contentEntry('', 'local-marker inside').hash);
    await engine.lists.add({ id: 'f', effect: 'approved', sha256: hash });
    expect((await engine.check(text('local-marker inside'))).verdict).toMatchObject({ disposition: 'clean', source: 'list' });
  });
});

describe('the layers', () => {
  it('local: never asks, and says so instead of guessing', async () => {
    const { engine, sent } = await createWorld({ feed });
    expect((await engine.check(text('listed by sha256'), { layers: 'local' })).verdict).toMatchObject({ disposition: 'unknown', reason: 'not-asked' });
    expect((await engine.check(text('nothing special'), { layers: 'local' })).verdict.disposition).toBe('clean');
    expect(engine.checkLocal('http://good.example/').disposition).toBe('clean');
    expect(engine.checkLocal('http://evil.example/')).toMatchObject({ disposition: 'unknown', reason: 'not-asked' });
    expect(engine.checkLocal('::')).toMatchObject({ disposition: 'unknown', reason: 'unsupported' });
    expect(sent).toHaveLength(0);
  });

  it('remote: does not scan and does not ask the filter', async () => {
    const { engine, sent } = await createWorld({ feed });
    expect((await engine.check(text('local-marker inside'), { layers: 'remote' })).verdict).toMatchObject({ disposition: 'clean', source: 'query' });
    // One question for SHA-256, one for the SHA-1 entries without a size.
    expect(sent).toHaveLength(2);
  });
});

describe('generations (DESIGN §1)', () => {
  it('(a) no filter is not an empty filter: everything is asked', async () => {
    const { engine, sent } = await createWorld({ feed, without: ['filter'] });
    expect((await engine.check(text('nothing special'))).verdict).toMatchObject({ disposition: 'clean', source: 'query' });
    // One question an algorithm: without a filter nobody knows which of them the server has entries of.
    expect(sent).toHaveLength(3);
  });

  it('(b) "surely not listed" ends when a newer server generation is known', async () => {
    const world = await createWorld({ feed });
    world.serve(await serverPattern({ hashes: [...feed.hashes, contentEntry('New', 'brand new')] }, { generation: 2 }));
    expect((await world.engine.check(text('brand new'))).verdict.source).toBe('filter');
    await world.engine.check(text('listed by sha256'));
    expect((await world.engine.check(text('brand new'))).verdict).toMatchObject({ disposition: 'malicious', source: 'query' });
  });

  it('(c) a server behind the filter cannot turn a filter hit into clean', async () => {
    const world = await createWorld({ feed, generations: { filter: 5, server: 5 } });
    world.serve(await serverPattern({}, { generation: 4 }));
    const result = await world.clock.run(world.engine.check(text('listed by sha256')));
    expect(result.verdict).toMatchObject({ disposition: 'unknown', reason: 'server-behind' });
    expect(result.pending.kind).toBe('queued');
  });

  it('(d) a server older than the newest one seen is not believed when it says "not listed"', async () => {
    const world = await createWorld({ feed, generations: { server: 3 }, without: ['filter'] });
    await world.engine.check(text('anything'));
    world.serve(await serverPattern({}, { generation: 2 }));
    const result = await world.clock.run(world.engine.check(text('something else')));
    expect(result.verdict).toMatchObject({ disposition: 'unknown', reason: 'server-behind' });
  });

  it('(e) stale keeps deciding; expired lets finds stand and believes no "not found"', async () => {
    const world = await createWorld({ feed });
    world.clock.jumpWall(3 * 86_400_000);
    expect((await world.engine.check(text('nothing special'))).verdict.disposition).toBe('clean');
    expect(world.engine.status().stale).toBe(true);
    world.clock.jumpWall(40 * 86_400_000);
    expect((await world.engine.check(text('local-marker inside'))).verdict.disposition).toBe('malicious');
    expect((await world.engine.check(text('nothing special'))).verdict).toMatchObject({ disposition: 'unknown', reason: 'pattern-expired' });
  });
});

describe('what cannot be known', () => {
  it.each([
    ['down', 'unreachable'],
    ['hangs', 'unreachable'],
    ['garbage', 'bad-answer'],
    ['waits', 'throttled'],
  ] as const)('a server that is "%s" gives %s and a flag, never clean', async (mood, reason) => {
    const world = await createWorld({ feed });
    world.mood = mood;
    const result = await world.clock.run(world.engine.check(text('listed by sha256')));
    expect(result.verdict).toMatchObject({ disposition: 'unknown', reason });
    expect(result.pending.kind).toBe('queued');
    expect(result.decision).toEqual({ access: 'allow', remedy: 'none' });
    await world.clock.advance(60_000);
    expect(world.clock.sleeping).toBe(0);
  });

  it('a digest alone is not called clean while byte signatures exist', async () => {
    const { engine } = await createWorld({ feed });
    const unlisted = digestSubject(contentEntry('', 'unlisted').hash);
    expect((await engine.check(unlisted)).verdict).toMatchObject({ disposition: 'unknown', reason: 'no-content' });
    const listed = digestSubject(contentEntry('', 'listed by sha256').hash, { size: 16 });
    expect((await engine.check(listed)).verdict.disposition).toBe('malicious');
    const bare = await createWorld({ feed: { hashes: [contentEntry('A', 'a')] } });
    expect((await bare.engine.check(unlisted)).verdict.disposition).toBe('clean');
  });

  it('a file without an agent pattern is asked about and not called clean', async () => {
    const { engine } = await createWorld({ feed, without: ['agent'] });
    expect((await engine.check(text('nothing special'))).verdict).toMatchObject({ disposition: 'unknown', reason: 'no-pattern' });
    expect((await engine.check(text('listed by sha256'))).verdict.disposition).toBe('malicious');
  });

  it('a file that cannot be read is unknown and not flagged', async () => {
    const { engine } = await createWorld({ feed });
    const result = await engine.check({ kind: 'file', open: () => Promise.reject(new Error('EACCES')) });
    expect(result.verdict).toMatchObject({ disposition: 'unknown', reason: 'unreadable' });
    expect(result.pending.kind).toBe('none');
  });

  it('a policy that throws opens no door, and a listener that throws hurts nobody', async () => {
    const { engine, events } = await createWorld({
      feed,
      parts: {
        policy: () => {
          throw new Error('policy');
        },
      },
    });
    engine.on('checked', () => {
      throw new Error('listener');
    });
    expect((await engine.check(text('nothing special'))).decision.access).toBe('block');
    expect(events.filter((event) => event.kind === 'fault').length).toBeGreaterThanOrEqual(1);
  });
});

describe('deadline and abort', () => {
  it('a deadline resolves with what is known while the question goes on and feeds the cache', async () => {
    const world = await createWorld({ feed });
    world.mood = 'hangs';
    const early = await world.clock.run(world.engine.check(text('listed by sha256'), { deadlineMs: 100 }));
    expect(world.clock.monotonicMs()).toBeLessThanOrEqual(110);
    expect(early.verdict).toMatchObject({ disposition: 'unknown', reason: 'deadline' });
    expect(early.pending.kind).toBe('queued');
    world.mood = 'up';
    await world.clock.advance(20_000);
    expect((await world.engine.check(text('listed by sha256'))).verdict).toMatchObject({ disposition: 'malicious', source: 'cache' });
  });

  it('an abort rejects at once and flags nothing', async () => {
    const world = await createWorld({ feed });
    world.mood = 'hangs';
    const caller = new AbortController();
    const waiting = world.engine.check(text('listed by sha256'), { signal: caller.signal });
    await world.clock.advance(50);
    caller.abort();
    await expect(waiting).rejects.toSatisfy((error) => VedetteError.is(error) && error.code === 'aborted');
    await world.clock.advance(60_000);
    expect(await world.engine.pending.counts()).toMatchObject({ due: 0, claimed: 0 });
  });

  it('close ends what waits with `closed`', async () => {
    const world = await createWorld({ feed });
    world.mood = 'hangs';
    const waiting = world.engine.check(text('listed by sha256'));
    await world.clock.advance(50);
    const ended = expect(waiting).rejects.toMatchObject({ code: 'closed' });
    await world.engine.close();
    await ended;
    await expect(world.engine.check(text('x'))).rejects.toMatchObject({ code: 'closed' });
  });
});

describe('many at once', () => {
  it('checkMany keeps the order and makes one batch of questions', async () => {
    const { engine, sent } = await createWorld({ feed });
    const contents = ['listed by sha256', 'a', 'local-marker inside', 'content c', 'listed by sha256'];
    const results = await engine.checkMany(contents.map((content) => text(content, content)));
    expect(results.map((result) => result.subject.label)).toEqual(contents);
    expect(results.map((result) => result.verdict.disposition)).toEqual(['malicious', 'clean', 'malicious', 'malicious', 'malicious']);
    expect(sent).toHaveLength(1);
  });

  it('checkMany of nothing is nothing', async () => {
    const { engine } = await createWorld({ feed });
    expect(await engine.checkMany([])).toEqual([]);
  });

  it('checkAll yields every result, in order when asked to', async () => {
    const { engine } = await createWorld({ feed });
    const labels = Array.from({ length: 50 }, (_, index) => String(index));
    const ordered: string[] = [];
    for await (const result of engine.checkAll(labels.map((label) => text(label, label)), { ordered: true, concurrency: 7 })) {
      ordered.push(result.subject.label ?? '');
    }
    expect(ordered).toEqual(labels);
    const any = new Set<string>();
    for await (const result of engine.checkAll(labels.map((label) => text(label, label)), { concurrency: 7 })) {
      any.add(result.subject.label ?? '');
    }
    expect(any.size).toBe(50);
  });

  it('puts one listener on the signal that a hundred checks have in common', async () => {
    const world = await createWorld({ feed, config: { limits: { maxConcurrent: 200 } } });
    world.mood = 'hangs';
    const { signal } = new AbortController();
    const checks = Promise.all(Array.from({ length: 100 }, () => world.engine.check(text('listed by sha256'), { signal })));
    await world.clock.advance(10);
    expect(getEventListeners(signal, 'abort')).toHaveLength(1);
    await world.clock.run(checks);
  });

  it('refuses what is over the line as overloaded instead of piling it up', async () => {
    const { engine } = await createWorld({ feed, config: { limits: { maxConcurrent: 1, maxWaiting: 1 } } });
    const slow = { kind: 'file' as const, open: () => new Promise<never>(() => undefined) };
    void engine.check(slow).catch(() => undefined);
    void engine.check(slow).catch(() => undefined);
    expect((await engine.check(text('x'))).verdict).toMatchObject({ disposition: 'unknown', reason: 'overloaded' });
    await engine.close();
  });
});

describe('a receiver', () => {
  it('judges a stream like the file, however it is cut', async () => {
    const { engine } = await createWorld({ feed });
    for (const size of [1, 3, 100]) {
      const receiver = engine.receive({ label: 'upload' });
      const content = toUtf8('xx local-marker yy');
      for (let at = 0; at < content.length; at += size) {
        await receiver.write(content.subarray(at, at + size));
      }
      expect((await receiver.end()).verdict).toMatchObject({ disposition: 'malicious', source: 'scan' });
    }
    expect(engine.status().bytesHeld).toBe(0);
  });

  it.each([
    [18, 'malicious'],
    [17, 'unknown'],
  ])('with room for %i of 18 bytes says %s', async (maxBytes, disposition) => {
    const { engine } = await createWorld({ feed });
    const receiver = engine.receive({}, { maxBytes });
    await receiver.write(toUtf8('xx local-marker yy'));
    const { verdict } = await receiver.end();
    expect([verdict.disposition, verdict.reason]).toEqual([disposition, disposition === 'unknown' ? 'limit' : undefined]);
  });

  it('still asks about what is too large to be scanned', async () => {
    const { engine } = await createWorld({ feed });
    const receiver = engine.receive({}, { maxBytes: 4 });
    await receiver.write(toUtf8('listed by '));
    await receiver.write(toUtf8('sha256'));
    expect((await receiver.end()).verdict.disposition).toBe('malicious');
  });

  it('gives its bytes back when it is aborted', async () => {
    const { engine } = await createWorld({ feed });
    const receiver = engine.receive({});
    await receiver.write(toUtf8('some bytes'));
    receiver.abort();
    expect(engine.status().bytesHeld).toBe(0);
    await expect(receiver.end()).rejects.toMatchObject({ code: 'aborted' });
  });
});

describe('remedies', () => {
  it('are applied for what is malicious, with a key, and not when the caller says no', async () => {
    const { engine, applied } = await createWorld({ feed });
    const result = await engine.check(text('local-marker inside'));
    expect(result).toMatchObject({ decision: { access: 'block', remedy: 'quarantine' }, outcome: { kind: 'done' } });
    expect(applied.map((one) => one.key)).toEqual([result.id]);
    expect((await engine.check(text('local-marker inside'), { apply: false })).outcome).toBeUndefined();
    expect(applied).toHaveLength(1);
  });

  it('that always throw end as unable, with the reason', async () => {
    const apply = (): Promise<never> => Promise.reject(new Error('disk on fire'));
    const { engine } = await createWorld({ feed, parts: { actions: { idempotent: true, apply } } });
    expect((await engine.check(text('local-marker inside'))).outcome).toEqual({ kind: 'unable', detail: 'disk on fire' });
  });
});

describe('derived engines', () => {
  it('share the tables and differ in policy and lists', async () => {
    const { engine } = await createWorld({ feed });
    const gateway = engine.derive({ name: 'gateway', policy: 'gateway' });
    expect((await gateway.check(text('local-marker inside'))).decision).toEqual({ access: 'block', remedy: 'none' });
    await gateway.lists.add({ id: 'x', effect: 'blocked', url: 'http://good.example/' });
    expect((await gateway.check(urlSubject('http://good.example/'))).verdict.disposition).toBe('malicious');
    expect((await engine.check(urlSubject('http://good.example/'))).verdict.disposition).toBe('clean');
    expect(() => engine.derive({ name: 'gateway' })).toThrow(VedetteError);
  });

  it('follow a new configuration where they did not choose for themselves', async () => {
    const { engine } = await createWorld({ feed });
    await engine.configure({ policy: 'report', servers: [{ address: 'in-process:test', scope: 'local' }], background: 'manual' });
    expect((await engine.check(text('local-marker inside'))).decision).toEqual({ access: 'allow', remedy: 'none' });
    await expect(engine.configure({ policy: 'nonsense' } as never)).rejects.toMatchObject({ code: 'config-invalid' });
    expect((await engine.check(text('listed by sha256'))).verdict.disposition).toBe('malicious');
  });
});
