/** An audit log whose disk fails for a while: what it did not take changes nothing about what is open. */
import { describe, expect, it } from 'vitest';
import type { AuditResolution, TemporaryAllow } from '../../src/audit/audit-log.js';
import { openJournalAudit, type JournalAudit } from '../../src/node/audit/open-journal-audit.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { SimDisk } from '../support/sim-disk.js';

const clock = new FakeClock();

function allow(pendingId: string): TemporaryAllow {
  const subject = { label: `/${pendingId}`, locator: { scheme: 'file', ref: `/${pendingId}` } };
  return { pendingId, at: clock.now(), owner: 'default', kind: 'file', subject, reason: 'unreachable', access: 'allow', policy: 'endpoint' };
}

function end({ pendingId, subject }: TemporaryAllow): AuditResolution {
  return { pendingId, subject, at: clock.now(), disposition: 'clean', threats: [], access: 'allow', remedy: 'none' };
}

async function openIn(log: JournalAudit): Promise<string[]> {
  const open: string[] = [];
  for await (const { pendingId } of log.read({ open: true })) {
    open.push(pendingId);
  }
  return open;
}

/** Until segments must have left. */
async function fill(log: JournalAudit): Promise<void> {
  for (let i = 0; i < 200; i++) {
    await log.allowed(allow(`fill-${i}`));
    await log.resolved(end(allow(`fill-${i}`)));
  }
}

describe('an end that comes while the log cannot write', () => {
  it('is refused, and its allow stays on record as open when room is made', async () => {
    const disk = new SimDisk();
    const log = await openJournalAudit({ dir: '/data', clock, files: disk.files, maxBytes: 32 * 1024 });
    const open = allow('open');
    await log.allowed(open);
    disk.interfere = () => ({ code: 'EIO', done: 'not' });
    await expect(log.allowed(allow('other'))).rejects.toMatchObject({ code: 'store-damaged' });
    await expect(log.resolved(end(open))).rejects.toMatchObject({ code: 'store-damaged' });
    await expect(log.resolved(end(open))).rejects.toMatchObject({ code: 'store-damaged' });
    disk.interfere = () => undefined;
    await clock.advance(2_000);
    await fill(log);
    expect(await openIn(log)).toEqual(expect.arrayContaining(['open']));
    await log.resolved(end(open));
    expect(await openIn(log)).not.toContain('open');
    await log.close();
  });

  it('and what waits for the log to be written anew is written, although its segment is full', async () => {
    const disk = new SimDisk();
    const log = await openJournalAudit({ dir: '/data', clock, files: disk.files, maxBytes: 16 * 400 });
    const written: string[] = [];
    for (let i = 0; i < 60; i++) {
      disk.interfere = i % 7 === 0 ? () => ({ code: 'EIO', done: 'not' }) : () => undefined;
      await log.allowed(allow(`bad-${i}`)).catch(() => undefined);
      disk.interfere = () => undefined;
      await clock.advance(2_000);
      const together = Array.from({ length: 5 }, (_, j) => `w-${i}-${j}`);
      await Promise.all(together.map((id) => log.allowed(allow(id))));
      written.push(...together);
    }
    expect(await openIn(log)).toEqual(expect.arrayContaining(written));
    await log.close();
  });

  it('is written with the next record all the same, where that one begins a segment', async () => {
    const disk = new SimDisk();
    const log = await openJournalAudit({ dir: '/data', clock, files: disk.files, maxBytes: 16 * 400 });
    const [one, other] = [allow('one'), allow('other')];
    await log.allowed(one);
    disk.interfere = (name) => (name === 'write' ? { code: 'EIO', done: 'not' } : undefined);
    await expect(log.resolved(end(one))).rejects.toMatchObject({ code: 'store-damaged' });
    disk.interfere = () => undefined;
    await clock.advance(2_000);
    await log.allowed(other);
    expect([...disk.image().keys()].filter((path) => path.endsWith('.journal')).length).toBeGreaterThan(1);
    expect(await openIn(log)).toEqual(['other']);
    await log.close();
  });
});
