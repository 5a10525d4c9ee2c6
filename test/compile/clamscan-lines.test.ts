/** Mutated lines, each asked of clamscan: what it refuses or passes over is not loaded, what it loads is, or is explained. */
import { describe, expect, it } from 'vitest';
import { readers } from '../../src/compile/readers/index.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { lineSamples } from '../fuzz/line-samples.js';
import { mutateText, pick } from '../fuzz/mutate.js';
import { clamscanLoad } from '../support/clamscan-load.js';
import { hasClamscan } from '../support/clamscan.js';
import { contextOf } from './context.js';

const formats: readonly string[] = ['ndb', 'ldb', 'hdb', 'mdb', 'imp', 'cdb'];
const samples = lineSamples.filter(([format]) => formats.includes(format));

const targets = [0, 1, 1, 1, 2, 3, 4, 5, 6, 6, 7, 9, 10, 11, 12, 13];

/** The same line for another type of file: some rules of clamscan depend on it. */
function forTarget(line: string, target: number): string {
  return line.replace(/Target:\d+/, `Target:${target}`).replace(/^([A-Za-z.\d-]+):\d:/, `$1:${target}:`);
}

/** A clamscan takes 30 ms: half a run of the other properties a line. */
const lines = Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 100) / 2);
const seed = Number(process.env['FUZZ_SEED'] ?? 1);

/**
 * Why lines are reported that clamscan 1.4.6 loads: vedette has not what they need; clamscan lets them through and they
 * say nothing that its documentation knows (numbers that overflow, stray text); or they are no use to anybody.
 */
const explained = [
  /^(?:subsignature \d+: )?(?:needs-unpacking|unsupported): /,
  /is no range/, /range .* is empty/, /functionality level/, /is (?:no number|not known)/, /not an MD5/, /not of (?:its|the) form/, /names no target type/, /modifiers are not among/, /over the limit/,
  /expected a body/, /has to name a subsignature/, /name is empty or longer/, /is ambiguous/, /the offset is none of/, /condition of the byte comparison/, /says neither l nor b/, /line is no Unicode/,
  /line is longer/, /is the size/, /beyond 65535/, /no macro group/, /number of a subsignature was expected/, /a name of 1 to/, /of too many terms|more than 1024/,
];

describe.skipIf(!hasClamscan())('clamscan (skipped where it is not installed)', () => {
  it('loads every line that is loaded here, and the others for a reason', { timeout: 120_000 + lines * 200 }, () => {
    const random = createSeededRandom(seed);
    const differences: string[] = [];
    const counts = { loaded: 0, 'passed-over': 0, refused: 0 };
    while (counts.loaded + counts['passed-over'] + counts.refused < lines) {
      const [format, line] = pick(random, samples);
      const text = mutateText(random, forTarget(line, pick(random, targets)), pick(random, samples)[1]);
      // Nobody documents a class within alternatives; clamscan takes it in some places.
      // A functionality level that is left empty at the end is 0 for clamscan, which passes over the line without a word.
      if (/[\n\r\0\ud800-\udfff]|^#|^\s*$|:$|\([^)]*\([BLW]\)/.test(text) || text.length > 5000) {
        continue;
      }
      const outcome = clamscanLoad(format, text);
      counts[outcome]++;
      const output = readers[format](text, contextOf());
      const reason = output.skipped[0]?.reason;
      if (reason === undefined ? outcome !== 'loaded' : outcome === 'loaded' && !explained.some((one) => one.test(reason))) {
        differences.push(`${outcome}, here ${reason ?? 'loaded'}: ${format} ${text.slice(0, 300)}`);
      }
    }
    expect(differences.join("\n")).toBe("");
    expect(counts.loaded).toBeGreaterThan(lines / 20);
    expect(counts.refused).toBeGreaterThan(lines / 4);
  });

  it('would show a reader that loads everything, or nothing', () => {
    expect(clamscanLoad('ldb', 'T;Target:0;0;aabb')).toBe('loaded');
    expect(clamscanLoad('ldb', 'T;Target:0;0&;aabb')).toBe('refused');
    expect(clamscanLoad('ndb', 'T:0:*:aabbcc:217')).toBe('passed-over');
  });
});
