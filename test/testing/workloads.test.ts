import { describe, expect, it } from 'vitest';
import fc from 'fast-check';
import { gzipSync } from 'node:zlib';
import { compile } from '../../src/compile.js';
import { createEngine } from '../../src/preset/portable.js';
import { createInProcessServer, FakeClock, seededBytes, seededText, seededWorkload } from '../../src/testing.js';
import { registrableDomain } from '../../src/url.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { plantedSignature } from '../../src/testing/workload-signature.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);

/** The body of a signature as a regular expression over one character per byte. */
function regexOf(body: string): RegExp {
  const source = body
    .replaceAll(/\{(\d+)-(\d+)\}/g, (_, min: string, max: string) => `<${min},${max}>`)
    .replaceAll('*', '<>')
    .replaceAll(/[0-9a-f]{2}|[0-9a-f]\?|\?\?|<(\d*),?(\d*)>|[(|)]/g, (token, min: string, max: string) => {
      if (token === '<>') {
        return '[\\s\\S]*?';
      }
      if (token.startsWith('<')) {
        return `[\\s\\S]{${min},${max}}`;
      }
      if (token === '??') {
        return '[\\s\\S]';
      }
      if (token.endsWith('?')) {
        return `[\\x${token[0]}0-\\x${token[0]}f]`;
      }
      return token.length === 2 ? `\\x${token}` : token === '(' ? '(?:' : token;
    });
  return new RegExp(source);
}

describe('a workload', () => {
  it('compiles without a skipped line, and a hybrid check finds exactly what it says', async () => {
    for (const seed of [1, 2, 3]) {
      const { sources, subjects } = seededWorkload({ seed });
      const compiled = await compile(sources, { generation: 1, createdAt: 1_700_000_000_000, expiresAt: 4_000_000_000_000, strict: true });
      const server = createInProcessServer(compiled.server);
      const engine = createEngine({ servers: [server.config], background: 'manual', parts: { transport: server.transport, registrableDomain, pattern: [compiled.agent, compiled.filter], clock: new FakeClock() } });
      for (const { subject, threats } of subjects) {
        const { verdict } = await engine.check(subject, { allMatches: true });
        const found = verdict.threats.map((threat) => threat.name);
        expect(verdict.disposition, `${subject.label}, seed ${seed}`).toBe(threats.length > 0 ? 'malicious' : 'clean');
        expect(subject.kind === 'url' ? found.length : found, `${subject.label}, seed ${seed}`).toEqual(subject.kind === 'url' ? threats.length : threats);
      }
      await engine.close();
    }
  });
});

describe('workloads', () => {
  it('are the same for the same seed and others for another', () => {
    expect(seededBytes(1, 100)).toEqual(seededBytes(1, 100));
    expect(seededBytes(1, 100)).not.toEqual(seededBytes(2, 100));
    expect(seededWorkload({ seed: 5 }).sources).toEqual(seededWorkload({ seed: 5 }).sources);
    expect(seededWorkload({ seed: 5 }).subjects.map((one) => one.content)).toEqual(seededWorkload({ seed: 5 }).subjects.map((one) => one.content));
    expect(seededWorkload({ seed: 5 }).sources).not.toEqual(seededWorkload({ seed: 6 }).sources);
  });

  it('have random bytes that do not shrink and text that does', () => {
    expect(gzipSync(seededBytes(1, 10_000)).length).toBeGreaterThan(9_900);
    expect(gzipSync(seededText(1, 10_000)).length).toBeLessThan(7_500);
    expect(Buffer.from(seededText(1, 1_000)).toString('latin1')).toMatch(/^[a-z ,\n]{1000}$/);
  });

  it('plant what their signatures match', () => {
    fc.assert(
      fc.property(fc.nat(), (seed) => {
        const random = createSeededRandom(seed);
        const planted = plantedSignature(random, 'Name');
        const [name, target, offset, body = ''] = planted.line.split(':');
        expect([name, target, offset]).toEqual(['Name', '0', '*']);
        for (let i = 0; i < 5; i++) {
          expect(Buffer.from(planted.instance(random)).toString('latin1')).toMatch(regexOf(body));
        }
      }),
      { numRuns },
    );
  });

  it('have as many signatures and subjects as asked, finds and clean ones', () => {
    const { sources, subjects } = seededWorkload({ seed: 3, signatures: 10, hashes: 12, urls: 8, clean: 5 });
    const lines = Object.fromEntries(sources.map((one) => [one.format, one.text.split('\n').length - 1]));
    expect([lines['ndb'], (lines['hdb'] ?? 0) + (lines['hsb'] ?? 0), lines['urls'], lines['sfp']]).toEqual([10, 12, 8, 1]);
    expect(subjects.filter((one) => one.threats.length > 0)).toHaveLength(10 + 12 + 8);
    expect(subjects.filter((one) => one.threats.length === 0)).toHaveLength(1 + 5 + 5);
  });
});
