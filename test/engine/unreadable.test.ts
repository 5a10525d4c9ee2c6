/** A flagged file that cannot be read just now: it stays flagged until it was read, or is set aside. */
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import type { CheckResult } from '../../src/base/check-result.js';
import { bytesSubject, type Subject } from '../../src/base/subject.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry, literal } from '../support/feed.js';
import { createWorld, type World } from '../support/world.js';

const feed = { signatures: [literal('Local.Marker', 'local-marker')], hashes: [contentEntry('Listed.A', 'content a')] };

interface Flagged {
  readonly content: string;
  /** Generation of the agent pattern that has seen the bytes; the one in use is 1. */
  readonly scannedBy?: number;
  /** Flagged before anybody had read it. */
  readonly unread?: boolean;
  readonly without?: readonly ('agent' | 'filter')[];
  readonly code?: (typeof codes)[number];
}

type Opening = 'throws' | 'opens and fails' | 'reads and fails' | 'changes' | 'gone' | 'fine';

const codes = ['EBUSY', 'EMFILE', 'EIO', 'EACCES'] as const;

async function flagged({ content, scannedBy, unread = false, without = ['filter'], code = 'EBUSY' }: Flagged, openings: Opening[]): Promise<World & { drain(): Promise<CheckResult[]> }> {
  const clock = new FakeClock();
  const queue = createMemoryQueue({ clock });
  const bytes = toUtf8(content);
  const subject = { label: '/a', locator: { scheme: 'file', ref: '/a' } };
  const open = async (): Promise<Subject | undefined> => {
    const opening = openings.shift() ?? 'fine';
    switch (opening) {
      case 'throws':
        throw Object.assign(new Error('busy'), { code });
      case 'opens and fails':
        return { kind: 'file', ...subject, open: () => Promise.reject(Object.assign(new Error('busy'), { code })) };
      case 'reads and fails':
        return { kind: 'file', ...subject, open: () => ({ size: bytes.length, read: () => Promise.reject(Object.assign(new Error('bad disk'), { code })) }) };
      case 'changes': {
        let reads = 0;
        return { kind: 'file', ...subject, open: () => ({ size: bytes.length, read: () => 0, identity: () => `${reads++}` }) };
      }
      case 'gone':
        return undefined;
      case 'fine':
        return bytesSubject(bytes, subject);
    }
  };
  const world = await createWorld({ feed, without, parts: { clock, queue, openers: { file: open } } });
  const hash = sha256(bytes);
  const fingerprints = unread ? [] : (['sha256', 'sha1', 'md5'] as const).map((algorithm) => ({ kind: 'file' as const, algorithm, hash: new Uint8Array(createHash(algorithm).update(bytes).digest()), size: bytes.length }));
  const key = unread ? 'file:/a' : toHex(hash);
  await queue.enqueue([{ owner: 'default', kind: 'file', key, fingerprints, reason: 'unreachable', subject, ...(scannedBy === undefined ? {} : { scannedBy }) }]);
  const drain = async (): Promise<CheckResult[]> => {
    const results: CheckResult[] = [];
    for await (const result of world.engine.pending.drain()) {
      results.push(result);
    }
    return results;
  };
  return Object.assign(world, { clock, drain: () => clock.run(drain()) });
}

function summary(results: readonly CheckResult[]): (string | undefined)[] {
  return results.map(({ verdict }) => verdict.threats[0]?.name ?? `${verdict.disposition} ${verdict.reason ?? ''}`.trim());
}

describe('a flagged file that is unreadable for a moment', () => {
  const owed: readonly (readonly [string, Flagged])[] = [
    ['whose bytes nobody has searched', { content: 'a local-marker' }],
    ['whose bytes an older pattern has searched', { content: 'a local-marker', scannedBy: 0 }],
    ['that nobody had read', { content: 'a local-marker', unread: true }],
    // The place may hold other bytes by now, whatever is known of those that were flagged.
    ['whose bytes the pattern in use has searched', { content: 'a local-marker', scannedBy: 1 }],
  ];
  it.each(owed.flatMap(([name, how]) => (['throws', 'opens and fails', 'changes'] as const).map((opening) => [opening, name, how] as const)))('(%s) %s stays flagged until it was read', async (opening, _, how) => {
    const world = await flagged(how, opening === 'changes' ? ['changes', 'changes'] : [opening]);
    const first = await world.drain();
    const { due, waiting = 0 } = await world.engine.pending.counts();
    if (opening === 'changes' && first.length === 0) {
      expect(await world.drain()).toEqual([]);
    }
    expect([summary(first), due + waiting]).toEqual([[], 1]);
    expect(summary(await world.drain())).toEqual(['Local.Marker']);
  });

  it('is raised at once when its fingerprint is listed', async () => {
    const world = await flagged({ content: 'content a' }, ['throws']);
    expect(summary(await world.drain())).toEqual(['Listed.A']);
  });

  it.each(codes.flatMap((code) => (['throws', 'opens and fails', 'reads and fails'] as const).map((opening) => [code, opening] as const)))('(%s, %s) is not taken for harmless', async (code, opening) => {
    const world = await flagged({ content: 'harmless', scannedBy: 1, without: [], code }, [opening]);
    expect(summary(await world.drain())).toEqual([]);
    expect(summary(await world.drain())).toEqual(['clean']);
  });

  it('stays where there is nothing to search for: the place may hold other bytes', async () => {
    const world = await flagged({ content: 'harmless', without: ['filter', 'agent'] }, ['throws']);
    expect(summary(await world.drain())).toEqual([]);
    expect(await world.engine.pending.counts()).toMatchObject({ waiting: 1, dead: 0 });
  });

  it('is told of by an event with the reason', async () => {
    const world = await flagged({ content: 'harmless' }, ['throws']);
    await world.drain();
    expect(world.events.filter((event) => event.kind === 'pending')).toEqual([{ kind: 'pending', change: 'stays', id: expect.any(String) as string, reason: 'unreadable' }]);
  });

  it('is settled when it is gone: what is not there owes nothing', async () => {
    const world = await flagged({ content: 'harmless' }, ['gone']);
    expect(summary(await world.drain())).toEqual(['unknown gone']);
  });

  it('is set aside, not dropped, when it stays so', async () => {
    const world = await flagged({ content: 'harmless' }, Array<Opening>(30).fill('throws'));
    for (let round = 0; round < 22; round++) {
      await world.drain();
    }
    expect(await world.engine.pending.counts()).toMatchObject({ due: 0, dead: 1 });
  });
});
