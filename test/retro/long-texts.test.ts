/** Texts as long and as hostile as an entry takes: what is found is on the disk all the same. */
import { expect, it } from 'vitest';
import type { Verdict } from '../../src/base/verdict.js';
import { openJournalRetro, type JournalRetro } from '../../src/node/retro/open-journal-retro.js';
import type { RetroFinding } from '../../src/retro/retro-log.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { SimDisk } from '../support/sim-disk.js';

const key = 'ab'.repeat(32);
const clock = new FakeClock();

async function findingsOf(log: JournalRetro): Promise<RetroFinding[]> {
  const findings: RetroFinding[] = [];
  for await (const finding of log.findings()) {
    findings.push(finding);
  }
  return findings;
}

/** A log in which one URL was let through at 16 places. */
async function filled(disk: SimDisk, char: string): Promise<{ readonly log: JournalRetro; readonly verdict: Verdict }> {
  const log = await openJournalRetro({ dir: '/data/retro', clock, files: disk.files, lagMs: 10 });
  const perChar = JSON.stringify(char).length - 2;
  for (let place = 0; place < 16; place++) {
    const locator = { scheme: 'tab', ref: char.repeat(Math.floor(8000 / perChar / 16)) + place };
    await clock.run(log.remember({ owner: 'default', kind: 'url', key, url: char.repeat(8192), fingerprints: [], subject: { label: locator.ref, locator } }));
  }
  const text = char.repeat(10_000);
  const threats = Array.from({ length: 40 }, () => ({ name: text, type: text }));
  return { log, verdict: { disposition: 'malicious', threats, source: 'query', generations: {}, expression: text, categories: Array.from({ length: 40 }, () => text) } };
}

it.each(['\u0001', '€', '"', '\\', 'a'])('an entry with 16 places becomes findings that are there after a restart, of %j alone', async (char) => {
  const disk = new SimDisk();
  const { log, verdict } = await filled(disk, char);
  expect((await log.find([key]))[0]?.places).toHaveLength(16);
  const raised = await clock.run(log.raise(key, verdict));
  expect(raised).toHaveLength(16);
  const again = new SimDisk(new Map([...disk.image()].filter(([path]) => !path.includes('.lock-'))));
  const reopened = await openJournalRetro({ dir: '/data/retro', clock, files: again.files });
  expect((await findingsOf(reopened)).map(({ id }) => id)).toEqual(raised.map(({ id }) => id));
  expect(await reopened.counts()).toMatchObject({ entries: 0, open: 16 });
});

it('an entry is raised once for each place, wherever the disk ends on the way', async () => {
  const whole = new SimDisk();
  const { log, verdict } = await filled(whole, 'a');
  const before = whole.moment;
  await clock.run(log.raise(key, verdict));
  for (let cut = 0; cut <= 40; cut++) {
    const image = whole.image();
    const journal = image.get('/data/retro/retro.journal')!;
    const disk = new SimDisk(new Map([['/data/retro/retro.journal', journal.slice(0, Math.floor((journal.length * cut) / 40))]]));
    const cutLog = await openJournalRetro({ dir: '/data/retro', clock, files: disk.files });
    await clock.run(cutLog.raise(key, verdict));
    const places = (await findingsOf(cutLog)).map(({ subject }) => subject.locator?.ref);
    expect(new Set(places).size).toBe(places.length);
    expect((await cutLog.find([key]))[0]).toBeUndefined();
  }
  expect(whole.moment).toBeGreaterThan(before);
});
