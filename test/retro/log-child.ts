/**
 * A process that fills both logs for as long as it lives, and says so before and after every deed: `T` tried, `A`
 * acknowledged, with the log and the number of the deed. Argument: directory.
 */
import { writeSync } from 'node:fs';
import { join } from 'node:path';
import { openJournalAudit } from '../../src/node/audit/open-journal-audit.js';
import { openJournalRetro } from '../../src/node/retro/open-journal-retro.js';
import { createSystemClock } from '../../src/preset/system-seams.js';

const [dir = ''] = process.argv.slice(2);
const clock = createSystemClock();
const retro = await openJournalRetro({ dir: join(dir, 'retro'), clock, waitMs: 10_000, lagMs: 5, slackBytes: 20_000 });
const audit = await openJournalAudit({ dir: join(dir, 'audit'), clock, waitMs: 10_000, maxBytes: 200_000 });
const verdict = { disposition: 'malicious', threats: [{ name: 'Late', type: 'test' }], source: 'query', generations: {} } as const;
let count = 0;
say('open');
await Promise.all([hunted(), hunted(), audited(), audited()]);

function next(): { readonly place: string; readonly key: string; readonly subject: { readonly label: string; readonly locator: { readonly scheme: string; readonly ref: string } } } {
  const place = `/${process.pid}-${process.hrtime.bigint()}-${count++}`;
  const key = Buffer.from(place).toString('hex').padStart(64, '0').slice(-64);
  return { place, key, subject: { label: place, locator: { scheme: 'file', ref: place } } };
}

async function hunted(): Promise<void> {
  for (;;) {
    const { place, key, subject } = next();
    await deed('seen', place, () => retro.remember({ owner: 'default', kind: 'file', key, fingerprints: [], subject }));
    if (count % 2 === 0) {
      const [found] = await deed('found', place, () => retro.raise(key, verdict));
      const id = found?.id ?? '';
      await deed('intended', place, () => retro.intend(id, { key: id }));
      await deed('settled', place, () => retro.settle(id, 'done'));
    }
  }
}

async function audited(): Promise<void> {
  for (;;) {
    const { place, subject } = next();
    await deed('allowed', place, () => audit.allowed({ pendingId: place, at: Date.now(), owner: 'default', kind: 'file', subject, reason: 'unreachable', access: 'allow', policy: 'endpoint' }));
    if (count % 2 === 0) {
      await deed('resolved', place, () => audit.resolved({ pendingId: place, at: Date.now(), subject, disposition: 'clean', threats: [], access: 'allow', remedy: 'none' }));
    }
  }
}

async function deed<T>(what: string, place: string, act: () => Promise<T>): Promise<T> {
  say(`T ${what} ${place}`);
  const value = await act();
  say(`A ${what} ${place}`);
  return value;
}

/** Synchronous: what was said has left the process before anything else happens. */
function say(line: string): void {
  writeSync(1, `${line}\n`);
}
