/** What the rotation of the audit log costs, whatever is open. */
import { describe, expect, it } from 'vitest';
import { createAuditKeeper, type AuditMedium } from '../../src/audit/audit-keeper.js';
import type { AuditLog, AuditResolution, TemporaryAllow } from '../../src/audit/audit-log.js';
import type { AuditLimits } from '../../src/audit/rotation.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';

const dayMs = 86_400_000;

interface Scene {
  readonly clock: FakeClock;
  readonly log: AuditLog;
  /** Lines that were ever appended, their own and those that were carried over. */
  appended: number;
  begun: number;
  /** Largest number of lines in one segment. */
  largest: number;
  readonly segments: Map<number, string[]>;
}

function scene(limits: AuditLimits): Scene {
  const clock = new FakeClock();
  const segments = new Map<number, string[]>([[1, []]]);
  let current = 1;
  const medium: AuditMedium = {
    durability: 'process',
    segments: () => [...segments.keys()],
    async append(step) {
      const lines = step();
      one.appended += lines.length;
      segments.get(current)?.push(...lines);
      one.largest = Math.max(one.largest, segments.get(current)?.length ?? 0);
    },
    async begin() {
      one.begun++;
      segments.set(++current, []);
    },
    async *read(segment) {
      yield (segments.get(segment) ?? []).slice();
    },
    remove: async (segment) => void segments.delete(segment),
    close: async () => undefined,
  };
  const one: Scene = { clock, segments, appended: 0, begun: 0, largest: 0, log: createAuditKeeper({ medium, clock, limits }) };
  return one;
}

function allow(pendingId: string, at: number): TemporaryAllow {
  const place = `/${pendingId}`;
  return {
    pendingId, at, owner: 'default', kind: 'file', subject: { label: place, locator: { scheme: 'file', ref: place } },
    sha256: 'ab'.repeat(32), reason: 'unreachable', access: 'allow', policy: 'endpoint',
  };
}

function end({ pendingId, subject }: TemporaryAllow, at: number): AuditResolution {
  return { pendingId, at, subject, disposition: 'clean', threats: [], access: 'allow', remedy: 'none' };
}

async function openOf({ log }: Scene): Promise<string[]> {
  const ids: string[] = [];
  for await (const { pendingId } of log.read({ open: true })) {
    ids.push(pendingId);
  }
  return ids;
}

describe('the rotation of the audit log', () => {
  it('does not begin a segment with every record once a record is open for longer than the days', async () => {
    const one = scene({ days: 4, maxBytes: 1 << 20 });
    const { clock, log } = one;
    await log.allowed(allow('open', clock.now()));
    await clock.advance(30 * dayMs);
    for (let i = 0; i < 200; i++) {
      const other = allow(`other-${i}`, clock.now());
      await log.allowed(other);
      await log.resolved(end(other, clock.now()));
    }
    expect(await openOf(one)).toEqual(['open']);
    expect(one.begun).toBeLessThan(5);
  });

  it('carries over a bounded number of records for each that is written, when those that are open are over the bound alone', async () => {
    const one = scene({ days: 90, maxBytes: 128 * 1024 });
    const { clock, log } = one;
    const open = Array.from({ length: 1500 }, (_, i) => allow(`open-${i}`, clock.now()));
    for (const other of open) {
      await log.allowed(other);
    }
    for (let i = 0; i < 500; i++) {
      const other = allow(`other-${i}`, clock.now());
      await log.allowed(other);
      await log.resolved(end(other, clock.now()));
    }
    expect((await openOf(one)).sort()).toEqual(open.map(({ pendingId }) => pendingId).sort());
    expect(one.appended).toBeLessThan(8 * 2500);
    // What is written now is in memory as a whole.
    expect(one.largest).toBeLessThan(500);
    for (const other of open) {
      await log.resolved(end(other, clock.now()));
    }
    expect(await openOf(one)).toEqual([]);
    for (let i = 0; i < 1500; i++) {
      const other = allow(`later-${i}`, clock.now());
      await log.allowed(other);
      await log.resolved(end(other, clock.now()));
    }
    // The bound holds again.
    expect([...one.segments.values()].flat().join('').length).toBeLessThan(128 * 1024);
  });
});
