/** `vedette pending audit`: what was let through unverified, as people and programs see it, while an engine is at work too. */
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { TemporaryAllow } from '../../src/audit/audit-log.js';
import { openJournalAudit } from '../../src/node/audit/open-journal-audit.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { temporaryFolder } from './support/folders.js';
import { vedette } from './support/in-process.js';

const allow: TemporaryAllow = {
  pendingId: 'p1',
  at: 1_700_000_000_000,
  owner: 'default',
  kind: 'file',
  subject: { label: '/srv/a', locator: { scheme: 'file', ref: '/srv/a' } },
  sha256: 'ab'.repeat(32),
  reason: 'unreachable',
  access: 'allow',
  policy: 'endpoint',
};
const resolution = { pendingId: 'p1', at: allow.at + 60_000, subject: allow.subject, disposition: 'malicious', threats: ['Late'], access: 'block', remedy: 'quarantine', outcome: 'done' } as const;

describe('pending audit', () => {
  it('shows each allow and its end, and counts what is open', async () => {
    const data = temporaryFolder('audit');
    const log = await openJournalAudit({ dir: join(data, 'audit'), clock: new FakeClock(allow.at) });
    await log.allowed(allow);
    await log.allowed({ ...allow, pendingId: 'p2', subject: { label: 'mail' } });
    await log.resolved(resolution);
    // The log is still open: reading takes no lock.
    const people = await vedette(['pending', 'audit', '--data', data]);
    expect(people.code).toBe(0);
    expect(people.stdout.split('\n')).toEqual([
      '/srv/a',
      expect.stringMatching(/^ {2}2023-11-14 22:13:20 UTC {2}let through: no server could be reached \(policy endpoint\)$/),
      expect.stringMatching(/^ {2}2023-11-14 22:14:20 UTC {2}malicious \(Late\), quarantine: done$/),
      'mail',
      expect.stringContaining('let through'),
      '  still unverified',
      '2 records (1 still open)',
      '',
    ]);
    const open = await vedette(['pending', 'audit', '--data', data, '--open', '--json']);
    expect(open.stdout.trim().split('\n').map((line) => JSON.parse(line) as unknown)).toEqual([
      expect.objectContaining({ kind: 'audit', subject: 'file', path: 'mail', pendingId: 'p2', reason: 'unreachable', resolution: null }),
      { kind: 'summary', records: 1, open: 1 },
    ]);
    await log.close();
  });

  it('names the policy of a scan as the user named it', async () => {
    const data = temporaryFolder('audit-policy');
    const file = join(data, 'unknown.bin');
    await writeFile(file, 'nobody can tell');
    for (const policy of [[], ['--policy', 'report']]) {
      await vedette(['scan', '--data', data, '--server', 'http://127.0.0.1:9', ...policy, file]);
    }
    const { stdout } = await vedette(['pending', 'audit', '--data', data, '--json']);
    expect(stdout.trim().split('\n').map((line) => (JSON.parse(line) as { policy?: string }).policy)).toEqual(['endpoint', 'report', undefined]);
  });

  it('of a directory without a record shows none, and of none at all is an error', async () => {
    const data = temporaryFolder('audit-empty');
    expect((await vedette(['pending', 'audit', '--data', data])).stdout).toBe('0 records (0 still open)\n');
    expect((await vedette(['pending', 'audit', '--data', join(data, 'nothing')])).code).toBe(2);
  });
});
