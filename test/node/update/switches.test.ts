/**
 * An engine that scans while its patterns are switched: every check rests on one generation of everything, none waits for a
 * switch, and nothing of what was replaced is kept. SWITCHES=1000 for the figure of the issue.
 */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, describe, expect, it } from 'vitest';
import type { CheckResult } from '../../../src/base/check-result.js';
import type { FileSubject } from '../../../src/base/subject.js';
import { createNodeEngine } from '../../../src/node/preset.js';
import { openGenerationStore } from '../../../src/node/update/generation-store.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { formatPublicKey } from '../../../src/protocol/keys.js';
import { agentPattern, filterPattern, literal } from '../../support/feed.js';
import { tempDir } from '../../support/temp-dir.js';
import { patternKey } from '../../support/updates/scene.js';

const switches = Number(process.env['SWITCHES'] ?? 40);
const dir = tempDir('switches');
const hourMs = 3_600_000;
const markers = ['marker-at-the-begin', 'marker-at-the-end'] as const;
const generationOf = (name: string): number => Number(name.split('.').at(-1));

/** Both components of a generation: whatever is found bears its number. */
async function containersOf(generation: number): Promise<Uint8Array[]> {
  const now = Date.now();
  const options = { generation, createdAt: now - hourMs, expiresAt: now + 30 * 24 * hourMs, signer: patternKey };
  const signatures = markers.map((marker, i) => literal(`Test.Switch.${i}.${generation}`, marker));
  return [await agentPattern({ signatures }, options), await filterPattern({}, options)];
}

/** A content whose markers lie far apart, read in pieces with a turn of the event loop between any two of them. */
function slowSubject(): FileSubject {
  const bytes = Buffer.alloc(192 * 1024, 0x2e);
  bytes.write(markers[0], 10);
  bytes.write(markers[1], bytes.length - 100);
  return {
    kind: 'file',
    open: () => ({
      size: bytes.length,
      read: async (at, into) => {
        await new Promise((resolve) => setImmediate(resolve));
        return bytes.copy(into, 0, at, Math.min(bytes.length, at + Math.min(into.length, 16_384)));
      },
    }),
  };
}

/** The generations that a result speaks of: one, if it rests on one. */
function generationsIn({ verdict }: Pick<CheckResult, 'verdict'>): number[] {
  const { agent = -1, filter = -1 } = verdict.generations;
  return [...new Set([agent, filter, ...verdict.threats.map((threat) => generationOf(threat.name))])];
}

const clock = createSystemClock();
const store = openGenerationStore({ dir: join(dir, 'patterns'), clock });
const engine = createNodeEngine({ dataDir: dir, trust: [formatPublicKey(patternKey.publicKey)], background: 'manual', caches: false });
afterAll(() => engine.close());

/** What came of one check: in few words, since a long run has many of them. */
interface Scan {
  readonly generation: number;
  /** Why it is not the whole find by one generation. */
  readonly fault: string | undefined;
  /** How many switches there had been when it began, and when it ended. */
  readonly begun: number;
  readonly ended: number;
}

function scanOf(result: CheckResult, begun: number, ended: number): Scan {
  const [generation = -1, ...others] = generationsIn(result);
  const isWhole = result.verdict.disposition === 'malicious' && result.verdict.threats.length === markers.length && others.length === 0;
  // It goes by what is in use when it begins, or by what has come before it took its view.
  const isInTime = generation >= begun + 1 && generation <= ended + 2;
  return { generation, begun, ended, fault: isWhole && isInTime ? undefined : JSON.stringify([result.verdict, begun, ended]) };
}

/** Four scanners, one check after the other, until all switches are done. */
async function scanDuring(work: (switched: () => void) => Promise<void>): Promise<Scan[]> {
  const scans: Scan[] = [];
  let done = 0;
  let over = false;
  const scanners = Array.from({ length: 4 }, async () => {
    while (!over) {
      const begun = done;
      scans.push(scanOf(await engine.check(slowSubject(), { layers: 'local', allMatches: true }), begun, done));
    }
  });
  await work(() => (done += 1));
  over = true;
  await Promise.all(scanners);
  return scans;
}

const collect = (): void => {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
};

describe(`scans during ${switches} switches of generations`, () => {
  it('go on, each by one generation, and leave nothing of the old ones behind', { timeout: 3_600_000 }, async () => {
    await store.commit(await containersOf(1));
    await engine.ready();
    const held: number[] = [];
    const scans = await scanDuring(async (switched) => {
      for (let generation = 2; generation <= switches + 1; generation++) {
        // By turns: the host installs it, and another process puts it into the directory.
        if (generation % 2 === 0) {
          await engine.install(await containersOf(generation));
        } else {
          await store.commit(await containersOf(generation));
          await engine.maintain();
        }
        expect(engine.status().generations).toMatchObject({ agent: generation, filter: generation });
        switched();
        if (generation % Math.ceil(switches / 4) === 0) {
          collect();
          held.push(process.memoryUsage().heapUsed + process.memoryUsage().arrayBuffers);
        }
      }
    });
    expect(scans.flatMap(({ fault }) => fault ?? [])).toEqual([]);
    // No pause: checks begin in one generation and end in a later one, and nearly every generation sees some of them end.
    const over = scans.filter(({ begun, ended }) => ended > begun).length;
    expect(over).toBeGreaterThan(switches / 4);
    expect(new Set(scans.map(({ generation }) => generation)).size).toBeGreaterThan(switches / 4);
    // Bounded: what the first quarter left behind is what all of it leaves behind, give or take what runs.
    const more = held.at(-1)! - held[0]!;
    expect(more).toBeLessThan(32 * 1024 * 1024);
    // In use and seven before it, of two components.
    expect(readdirSync(join(dir, 'patterns')).filter((name) => name.startsWith('c-'))).toHaveLength(Math.min(16, 2 * (switches + 1)));
    console.info(`${switches} switches: ${scans.length} scans, ${over} of them over a switch, ${(more / 1e6).toFixed(1)} MB more held at the end`);
  });

  it('would be noticed to mix generations (check of this test)', () => {
    const mixed = (agent: number, filter: number, ...names: string[]): Pick<CheckResult, 'verdict'> => ({
      verdict: { disposition: 'malicious', source: 'scan', generations: { agent, filter }, threats: names.map((name) => ({ name, type: 'trojan' })) },
    });
    expect(generationsIn(mixed(3, 3, 'Test.Switch.0.3', 'Test.Switch.1.3'))).toHaveLength(1);
    expect(generationsIn(mixed(3, 3, 'Test.Switch.0.3', 'Test.Switch.1.4'))).toHaveLength(2);
    expect(generationsIn(mixed(3, 4, 'Test.Switch.0.3', 'Test.Switch.1.3'))).toHaveLength(2);
  });
});
