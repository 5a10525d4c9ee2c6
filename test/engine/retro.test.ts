/** The retro-hunt: what was let through and turns out to be malicious is reported once, with the places where it was seen. */
import { describe, expect, it } from 'vitest';
import { toUtf8 } from '../../src/base/bytes.js';
import type { AnswerRecord } from '../../src/base/fingerprint.js';
import { urlSubject } from '../../src/base/subject.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import type { QueryClient } from '../../src/query/query-client.js';
import { contentEntry, dayMs, literal, urlEntry } from '../support/feed.js';
import { RetroLife } from './retro-life.js';

const nothing = {};
const bad = { hashes: [contentEntry('Late', 'dropper')] };

async function begun(life = new RetroLife()): Promise<RetroLife> {
  life.start();
  await life.publish(nothing);
  return life;
}

describe('what was let through', () => {
  it('and is malicious by a newer filter and server is reported once for each place, by policy', async () => {
    const life = await begun();
    await life.check('/a', 'dropper');
    await life.check('/b', 'dropper');
    await life.check('/c', 'harmless');
    await life.publish(bad);
    await life.maintain();
    expect(life.retro()).toEqual(['/a', '/b']);
    const [first] = life.applied;
    expect(first?.result).toMatchObject({
      occasion: 'retro',
      verdict: { disposition: 'malicious', threats: [{ name: 'Late' }], source: 'query' },
      decision: { access: 'block', remedy: 'quarantine' },
      subject: { kind: 'file', label: '/a', locator: { scheme: 'file', ref: '/a' } },
    });
    await life.publish(bad);
    await life.maintain();
    expect(life.retro()).toEqual(['/a', '/b']);
    expect(new Set(life.applied.map(({ key }) => key)).size).toBe(2);
  });

  it('is asked about only where the newer filter knows its prefix', async () => {
    const life = await begun();
    for (let i = 0; i < 50; i++) {
      await life.check(`/f${i}`, `content ${i}`);
    }
    life.sent = 0;
    await life.publish(bad);
    await life.maintain();
    expect(life.sent).toBe(0);
    expect(life.engine.stats()['retroJudged']).toBe(50);
  });

  it('and is malicious by a newer byte signature alone is not read again unasked', async () => {
    const life = await begun();
    await life.check('/a', 'text with marker-two');
    await life.publish({ signatures: [literal('Bytes', 'marker-two')] });
    await life.maintain();
    // Byte signatures need the content, which nobody reads again unless told to.
    expect(life.retro()).toEqual([]);
  });

  it('is read again by a newer agent pattern where the host wants that', async () => {
    const life = await begun(new RetroLife({ config: { retro: { rescan: true } } }));
    await life.check('/a', 'text with marker-two');
    await life.check('/gone', 'marker-two as well');
    await life.check('/changed', 'marker-two at first');
    life.files.delete('/gone');
    life.files.set('/changed', life.files.get('/a')!.slice(0, 4));
    await life.publish({ signatures: [literal('Bytes', 'marker-two')] });
    await life.maintain();
    expect(life.retro()).toEqual(['/a']);
  });

  it.each(['EMFILE', 'EIO', 'EACCES', 'hangs'] as const)('is not harmless because it could not be read again for a while (%s)', async (failure) => {
    let failing = 3;
    const life: RetroLife = new RetroLife({
      config: { retro: { rescan: true } },
      parts: {
        openers: {
          file: async ({ ref }) => {
            if (ref === '/a' && failing-- > 0) {
              return failure === 'hangs' ? new Promise<never>(() => undefined) : Promise.reject(Object.assign(new Error('no'), { code: failure }));
            }
            return subjectAt(life, ref);
          },
        },
      },
    });
    await begun(life);
    await life.check('/a', 'text with marker-two');
    await life.check('/b', 'another with marker-two');
    await life.publish({ signatures: [literal('Bytes', 'marker-two')] });
    await life.maintain();
    expect(life.retro()).toEqual(['/b']);
    await minutes(life, 10);
    expect(life.retro()).toEqual(['/a', '/b']);
    expect(life.engine.status().retro).toMatchObject({ state: 'idle' });
  });

  it('and can never be read again is told of, and the hunt comes to its end', async () => {
    const life: RetroLife = new RetroLife({
      config: { retro: { rescan: true } },
      parts: { openers: { file: ({ ref }) => (ref === '/a' ? Promise.reject(Object.assign(new Error('no'), { code: 'EACCES' })) : subjectAt(life, ref)) } },
    });
    await begun(life);
    await life.check('/a', 'text with marker-two');
    await life.publish({ signatures: [literal('Bytes', 'marker-two')] });
    await minutes(life, 40);
    expect(life.events.filter((event) => event.kind === 'fault').map(({ error }) => String(error))).toEqual([expect.stringContaining('could not be read again in 5 tries: unreadable')]);
    expect(life.engine.status().retro).toMatchObject({ state: 'idle', entries: 1 });
  });

  it('is treated although the handler of another find never comes back, which is not told again meanwhile', async () => {
    const told: string[] = [];
    const life = await begun(
      new RetroLife({
        apply: ({ subject }) => {
          told.push(subject.label ?? '');
          return subject.label === '/hangs' ? new Promise(() => undefined) : { kind: 'done' };
        },
      }),
    );
    for (const path of ['/hangs', '/a', '/b']) {
      await life.check(path, 'dropper');
    }
    await life.publish(bad);
    await minutes(life, 30);
    expect(told).toEqual(['/hangs', '/a', '/b']);
    expect(life.engine.status().retro).toMatchObject({ open: 1 });
  });

  it('and has gone or changed since is reported with its last place', async () => {
    const life = await begun();
    await life.check('/gone', 'dropper');
    life.files.clear();
    await life.publish(bad);
    await life.maintain();
    expect(life.retro()).toEqual(['/gone']);
  });

  it('longer ago than the days that are kept is forgotten', async () => {
    const life = await begun(new RetroLife({ config: { retro: { days: 2 } }, parts: { retro: undefined } }));
    await life.check('/old', 'dropper');
    await life.clock.advance(2.5 * dayMs);
    await life.check('/new', 'other');
    await life.publish({ hashes: [contentEntry('Late', 'dropper'), contentEntry('Late', 'other')] });
    await life.maintain();
    expect(life.retro()).toEqual(['/new']);
  });

  it('and is approved by the host meanwhile is not reported', async () => {
    const life = await begun();
    const { sha256 } = await life.check('/a', 'dropper');
    await life.engine.lists.add({ id: 'mine', effect: 'approved', sha256: sha256 ?? '' });
    await life.publish(bad);
    await life.maintain();
    expect(life.retro()).toEqual([]);
  });

  it('and is blocked by a newer list of the site is reported; what the list approves is not', async () => {
    const life = await begun();
    const { sha256 = '' } = await life.check('/a', 'dropper');
    const other = await life.check('/b', 'other');
    await life.publishLists([{ id: 'b', effect: 'blocked', sha256 }, { id: 'a', effect: 'approved', sha256: other.sha256 ?? '' }]);
    await life.maintain();
    expect(life.retro()).toEqual(['/a']);
    expect(life.applied[0]?.result.verdict).toMatchObject({ disposition: 'malicious', source: 'list' });
    // A list that takes the rule back finds nothing more, and says nothing about what was found.
    await life.publishLists([]);
    await life.maintain();
    expect(life.retro()).toEqual(['/a']);
  });

  it('and is named by an answer when no more can be suspected is hunted with everything else', async () => {
    const dropper = recordOf(sha256(toUtf8('dropper')));
    const crowd = Array.from({ length: 10_001 }, (_, i) => recordOf(Uint8Array.from({ length: 32 }, (_, at) => (at > 29 ? (i >> (8 * (31 - at))) & 255 : 7))));
    // What each question is answered by, whatever was asked: first nothing, then a crowd in which one was let through.
    const answers: (readonly AnswerRecord[])[] = [[], [...crowd, dropper]];
    const query: QueryClient = {
      ask: async (asked) => {
        const records = answers.shift() ?? [dropper];
        return asked.map(({ hash }) => ({ kind: 'answered', from: 's', answer: { asked: hash.slice(0, 4), records, ttlMs: 1, generation: life.generation } }));
      },
      probe: async () => true,
      nextProbeAt: () => 0,
      reset: () => undefined,
      servers: () => [],
      inFlight: () => 0,
      close: async () => undefined,
    };
    const life: RetroLife = new RetroLife({ parts: { query } });
    life.start();
    await life.publish(nothing, ['agent']);
    expect(await life.check('/a', 'dropper')).toMatchObject({ verdict: { disposition: 'clean' } });
    await life.maintain();
    await life.check('/b', 'other');
    await minutes(life, 10);
    expect(life.retro()).toEqual(['/a']);
    expect(life.engine.status().retro).toMatchObject({ state: 'idle' });
  });

  it('as a URL is reported by the expression that is listed now', async () => {
    const life = await begun();
    await life.clock.run(life.engine.check(urlSubject('http://evil.example/kit/page?x=1', { label: 'mail' })));
    await life.publish({ hashes: [urlEntry('Kit', 'http://evil.example/kit/')] });
    await life.maintain();
    expect(life.retro()).toEqual(['mail']);
    expect(life.applied[0]?.result.subject).toMatchObject({ kind: 'url', url: 'http://evil.example/kit/page?x=1' });
  });

  it('is reported for its other places when a check finds the same content malicious', async () => {
    const life = await begun();
    await life.check('/a', 'dropper');
    await life.check('/b', 'dropper');
    await life.publish(bad, ['server']);
    // The host's own lists leave the question to the server: it alone is newer.
    const { verdict, occasion } = await life.clock.run(life.engine.check({ ...(await subjectAt(life, '/b')) }, { layers: 'remote' }));
    expect([verdict.disposition, occasion]).toEqual(['malicious', 'now']);
    await life.maintain();
    expect(life.retro()).toEqual(['/a']);
  });

  it('is judged again when its server is back, not lost while it is away', async () => {
    const life = await begun();
    await life.check('/a', 'dropper');
    await life.publish(bad);
    life.isServerUp = false;
    await life.maintain(1);
    expect(life.engine.status().retro).toMatchObject({ state: 'waiting', entries: 1 });
    expect(life.retro()).toEqual([]);
    life.isServerUp = true;
    for (let minute = 0; minute < 10; minute++) {
      await life.clock.advance(60_000);
      await life.maintain(2);
    }
    expect(life.retro()).toEqual(['/a']);
    expect(life.engine.status().retro).toMatchObject({ state: 'idle', entries: 0, open: 0 });
  });

  it('and cannot be told by a server that is behind keeps nothing else from being hunted', async () => {
    const life = await begun(new RetroLife({ config: { retro: { rescan: true } } }));
    await life.check('/a', 'dropper');
    await life.check('/b', 'text with marker-two');
    await life.publish(bad, ['agent', 'filter']);
    await life.maintain();
    expect(life.retro()).toEqual([]);
    await life.publish({ ...bad, signatures: [literal('Bytes', 'marker-two')] }, ['agent', 'filter']);
    await minutes(life, 3);
    expect(life.retro()).toEqual(['/b']);
    // And is told when the server is not behind any more.
    await life.publish({ ...bad, signatures: [literal('Bytes', 'marker-two')] });
    await minutes(life, 3);
    expect(life.retro()).toEqual(['/a', '/b']);
    expect(life.engine.status().retro).toMatchObject({ state: 'idle', open: 0 });
  });

  it('and is being read again when the host gives up is read again the next time', async () => {
    const reading = new AbortController();
    const life: RetroLife = new RetroLife({
      config: { retro: { rescan: true } },
      parts: {
        openers: {
          file: async ({ ref }, { signal }) => {
            if (!reading.signal.aborted) {
              const givenUp = new Promise((_, reject) => signal?.addEventListener('abort', () => reject(new Error('given up'))));
              reading.abort();
              await givenUp;
            }
            return subjectAt(life, ref);
          },
        },
      },
    });
    await begun(life);
    await life.check('/a', 'text with marker-two');
    await life.publish({ signatures: [literal('Bytes', 'marker-two')] });
    await life.clock.run(life.engine.maintain({ signal: reading.signal })).catch(() => undefined);
    expect(life.retro()).toEqual([]);
    await minutes(life, 2);
    expect(life.retro()).toEqual(['/a']);
  });

  it('unverified is the queue’s to report, once, and the hunt’s again when it was verified', async () => {
    const life = await begun();
    await life.check('/a', 'dropper');
    life.isServerUp = false;
    await life.publish(bad);
    expect(await life.check('/a', 'dropper')).toMatchObject({ pending: { kind: 'queued' } });
    life.isServerUp = true;
    for (let minute = 0; minute < 10; minute++) {
      await life.clock.advance(60_000);
      await life.maintain(2);
    }
    expect(life.applied.map(({ result }) => [result.occasion, result.subject.label])).toEqual([['late', '/a']]);
  });

  it('by a derived engine is decided by that engine, and waits for it', async () => {
    const life = await begun();
    const told: string[] = [];
    const tenant = (): ReturnType<typeof life.engine.derive> =>
      life.engine.derive({
        name: 'tenant',
        policy: 'report',
        actions: { idempotent: true, apply: async (result) => (told.push(`${result.decision.access} ${result.subject.label}`), { kind: 'done' }) },
      });
    const first = tenant();
    life.files.set('/t', Uint8Array.of(1));
    await life.clock.run(first.check(await subjectAt(life, '/t', 'dropper')));
    await first.close();
    await life.publish(bad);
    await life.maintain();
    expect(told).toEqual([]);
    const second = tenant();
    await life.publish(bad);
    await life.maintain();
    expect(told).toEqual(['allow /t']);
    await second.close();
  });
});

function recordOf(hash: Uint8Array): AnswerRecord {
  return { hash, disposition: 'malicious', threats: [{ name: 'Late', type: 'test' }] };
}

async function minutes(life: RetroLife, count: number): Promise<void> {
  for (let minute = 0; minute < count; minute++) {
    await life.clock.advance(60_000);
    await life.maintain(2);
  }
}

async function subjectAt(life: RetroLife, path: string, content?: string): Promise<Parameters<RetroLife['engine']['check']>[0]> {
  const { bytesSubject } = await import('../../src/base/subject.js');
  const { toUtf8 } = await import('../../src/base/bytes.js');
  const bytes = content === undefined ? life.files.get(path)! : toUtf8(content);
  return bytesSubject(bytes, { label: path, locator: { scheme: 'file', ref: path } });
}
