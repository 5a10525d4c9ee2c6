/** Both forms of the retro log and of the audit log keep what their suites say. */
import '../support/loaded.js';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { createMemoryAudit } from '../../src/audit/memory-audit.js';
import { openJournalAudit } from '../../src/node/audit/open-journal-audit.js';
import { openJournalRetro } from '../../src/node/retro/open-journal-retro.js';
import { bytesSubject } from '../../src/base/subject.js';
import { createEngine } from '../../src/preset/portable.js';
import { createMemoryRetro } from '../../src/retro/memory-retro.js';
import { describeAuditLog } from '../../src/testing/suites/audit-log-suite.js';
import { describeRetroLog } from '../../src/testing/suites/retro-log-suite.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { SimDisk } from '../support/sim-disk.js';
import { tempDir } from '../support/temp-dir.js';

const runner = { describe, it };
const root = tempDir('logs');
const dirs = new WeakMap<object, string>();
let count = 0;

function named<T extends object>(log: T, dir: string): T {
  dirs.set(log, dir);
  return log;
}

describeRetroLog(runner, { name: 'memory', create: (context) => createMemoryRetro(context) });
describeRetroLog(runner, {
  name: 'journal',
  create: async (context) => {
    const dir = join(root, `retro-${count++}`);
    return named(await openJournalRetro({ ...context, dir, lagMs: 10 }), dir);
  },
  reopen: async (log, context) => {
    const dir = dirs.get(log) ?? '';
    await context.clock.run(log.close?.() ?? Promise.resolve());
    return named(await openJournalRetro({ ...context, dir, lagMs: 10 }), dir);
  },
  dispose: (log) => log.close?.(),
});

describeAuditLog(runner, { name: 'memory', create: (context) => createMemoryAudit(context) });
describeAuditLog(runner, {
  name: 'journal',
  create: async (context) => {
    const disk = new SimDisk();
    const log = await openJournalAudit({ ...context, dir: '/data/audit', files: disk.files });
    disks.set(log, disk);
    return log;
  },
  reopen: async (log, context) => {
    // As after a kill: nothing is closed.
    const disk = new SimDisk(new Map([...(disks.get(log)?.image() ?? [])].filter(([path]) => !path.includes('.lock-'))));
    const again = await openJournalAudit({ ...context, dir: '/data/audit', files: disk.files });
    disks.set(again, disk);
    return again;
  },
  dispose: (log) => log.close?.(),
});
const disks = new WeakMap<object, SimDisk>();

describe('the logs on disk', () => {
  it('are for one process at a time', async () => {
    const clock = new FakeClock();
    const audit = await openJournalAudit({ dir: join(root, 'one'), clock });
    await expect(clock.run(openJournalAudit({ dir: join(root, 'one'), clock }))).rejects.toMatchObject({ code: 'store-busy' });
    await audit.close();
    await (await openJournalAudit({ dir: join(root, 'one'), clock })).close();
  });
});

describe('a retro log that another process has', () => {
  it('is one fault and a few seconds of quiet, not one for every check', async () => {
    const clock = new FakeClock();
    const dir = join(root, 'busy');
    const other = await openJournalRetro({ dir, clock });
    const faults: string[] = [];
    let opened = 0;
    const engine = createEngine({
      background: 'manual',
      parts: {
        clock,
        retro: () => (opened++, openJournalRetro({ dir, clock })),
        events: (event) => void (event.kind === 'fault' && faults.push(event.where)),
      },
    });
    for (let i = 0; i < 20; i++) {
      await clock.run(engine.check(bytesSubject(Uint8Array.of(i), { label: `/${i}` }), { layers: 'local' }));
    }
    await clock.run(engine.maintain());
    expect([opened, faults]).toEqual([1, ['retro']]);
    await clock.run(other.close());
    await clock.advance(6_000);
    await clock.run(engine.check(bytesSubject(Uint8Array.of(1), { label: '/late' }), { layers: 'local' }));
    await clock.run(engine.maintain());
    expect([opened, engine.status().retro?.entries]).toEqual([2, 1]);
    await clock.run(engine.close());
  });
});
