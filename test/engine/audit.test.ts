/** Every temporary allow is on record before the answer is given, and its end when it is settled. */
import { describe, expect, it } from 'vitest';
import { createPolicy } from '../../src/action/create-policy.js';
import { createMemoryAudit } from '../../src/audit/memory-audit.js';
import type { AuditLog, AuditRecord } from '../../src/audit/audit-log.js';
import type { Decision } from '../../src/base/verdict.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { contentEntry } from '../support/feed.js';
import { createWorld, type World, type WorldOptions } from '../support/world.js';

const allowAll = (): Decision => ({ access: 'allow', remedy: 'none' });
const feed = { hashes: [contentEntry('Late', 'dropper')] };

interface Audited {
  readonly world: World;
  readonly audit: AuditLog;
}

async function audited(options: WorldOptions = {}, audit: AuditLog = createMemoryAudit({ clock: new FakeClock() })): Promise<Audited> {
  return { audit, world: await createWorld({ feed, without: ['filter'], ...options, parts: { audit, ...options.parts } }) };
}

async function recordsOf(audit: AuditLog): Promise<AuditRecord[]> {
  const records: AuditRecord[] = [];
  for await (const record of audit.read()) {
    records.push(record);
  }
  return records;
}

async function checkOffline({ world }: Audited, path: string, content: string): Promise<ReturnType<World['engine']['check']>> {
  world.mood = 'down';
  const subject = world.write(path, content);
  return world.clock.run(world.engine.check(subject));
}

async function drain({ world }: Audited): Promise<void> {
  world.mood = 'up';
  const work = (async () => {
    for await (const result of world.engine.pending.drain()) {
      expect(result.occasion).toBe('late');
    }
  })();
  await world.clock.run(work);
}

describe('the audit of temporary allows', () => {
  it('says what was let through, when and why, and then how and when it ended', async () => {
    const it = await audited();
    const bad = await checkOffline(it, '/bad', 'dropper');
    const good = await checkOffline(it, '/good', 'harmless');
    expect(await recordsOf(it.audit)).toEqual([
      {
        pendingId: bad.pending.kind === 'queued' ? bad.pending.id : '',
        at: expect.any(Number) as number,
        owner: 'default',
        kind: 'file',
        subject: { label: '/bad', locator: { scheme: 'file', ref: '/bad' } },
        sha256: bad.sha256,
        reason: 'unreachable',
        access: 'allow',
        policy: 'endpoint',
      },
      expect.objectContaining({ sha256: good.sha256 }),
    ]);
    await it.world.clock.advance(120_000);
    await drain(it);
    const [first, second] = await recordsOf(it.audit);
    expect(first?.resolution).toMatchObject({ disposition: 'malicious', threats: ['Late'], access: 'block', remedy: 'quarantine', outcome: 'done' });
    expect(second?.resolution).toMatchObject({ disposition: 'clean', threats: [], access: 'allow', remedy: 'none' });
    expect(first?.resolution?.at).toBeGreaterThan(first?.at ?? Infinity);
  });

  it.each([
    ['the base of a table', { config: { policy: { base: 'endpoint', malicious: { remedy: 'none' } } } }, 'endpoint'],
    ['one of the library handed over as a part', { parts: { policy: createPolicy('report') } }, 'report'],
    ['the label of one of the host’s own', { parts: { policy: Object.assign(allowAll, { label: 'tenant-7' }) } }, 'tenant-7'],
    ['the host, where its policy has no name', { parts: { policy: () => allowAll() } }, 'host'],
    ['the host, where what it has is no name', { parts: { policy: Object.assign(() => allowAll(), { label: 7 as never }) } }, 'host'],
  ] as const)('names the policy: %s', async (_, options: WorldOptions, name) => {
    const it = await audited(options);
    await checkOffline(it, '/a', 'harmless');
    expect((await recordsOf(it.audit)).map(({ policy }) => policy)).toEqual([name]);
  });

  it('names the policy of a derived engine', async () => {
    const it = await audited();
    const derived = it.world.engine.derive({ name: 'mail', policy: Object.assign(() => allowAll(), { label: 'mail-in' }) });
    it.world.mood = 'down';
    await it.world.clock.run(derived.check(it.world.write('/a', 'harmless')));
    expect(await recordsOf(it.audit)).toEqual([expect.objectContaining({ owner: 'mail', policy: 'mail-in' })]);
  });

  it('has no record of what was verified, held or refused', async () => {
    const it = await audited({ config: { policy: { base: 'endpoint', unknown: { unreachable: 'hold' } } } });
    await it.world.clock.run(it.world.engine.check(it.world.write('/a', 'harmless')));
    await checkOffline(it, '/b', 'other');
    expect(await recordsOf(it.audit)).toEqual([]);
  });

  it('ends the records of entries that nobody holds any more', async () => {
    const it = await audited();
    const at = it.world.clock.now();
    await it.audit.allowed({ pendingId: 'lost', at, owner: 'default', kind: 'file', subject: {}, reason: 'unreachable', access: 'allow', policy: 'host' });
    await it.world.clock.run(it.world.engine.maintain());
    expect((await recordsOf(it.audit))[0]?.resolution).toMatchObject({ disposition: 'unknown', reason: 'internal' });
  });
});

describe('an audit log that fails', () => {
  const broken: AuditLog = {
    durability: 'disk',
    allowed: async () => Promise.reject(new Error('disk full')),
    resolved: async () => Promise.reject(new Error('disk full')),
    async *read() {},
  };
  const strict = { base: 'endpoint', unknown: { internal: 'block' } } as const;

  it('is a fault, and the subject is let through all the same where no record is required', async () => {
    const it = await audited({ config: { policy: strict } }, broken);
    expect(await checkOffline(it, '/a', 'dropper')).toMatchObject({ decision: { access: 'allow' }, verdict: { reason: 'unreachable' } });
    expect(it.world.events.some((event) => event.kind === 'fault' && event.where === 'audit')).toBe(true);
    await drain(it);
    expect(it.world.applied).toHaveLength(1);
  });

  it('is for policy to decide, as `internal`, where a record is required; the subject stays flagged', async () => {
    const it = await audited({ config: { policy: strict, audit: 'required' } }, broken);
    expect(await checkOffline(it, '/a', 'dropper')).toMatchObject({
      decision: { access: 'block' },
      verdict: { disposition: 'unknown', reason: 'internal' },
      pending: { kind: 'queued' },
    });
  });

  it('is not asked at all where the configuration switches it off', async () => {
    const it = await audited({ config: { policy: strict, audit: 'off' } }, broken);
    await checkOffline(it, '/a', 'dropper');
    expect(it.world.events.some((event) => event.kind === 'fault')).toBe(false);
  });
});
