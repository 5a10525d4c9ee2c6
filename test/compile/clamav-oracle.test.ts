/** What clamscan said about real signatures and its own test vectors, against what comes of readNdb and the matcher. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import { readNdb } from '../../src/compile/readers/clamav-ndb.js';
import { createMatcher } from '../../src/scan/multi-matcher.js';
import { createNaiveMatcher } from '../../src/scan/naive-matcher.js';
import type { Matcher } from '../../src/scan/matcher.js';
import { sharedPath } from '../shared.js';
import { namesOf, scan } from '../support/scan-feed.js';
import { contextOf } from './context.js';

interface Vector {
  readonly kind: string;
  readonly name: string;
  readonly data_hex: string;
  readonly hexsig: string;
  readonly mods?: string;
  readonly match: boolean;
}

const vectorsFile = sharedPath('data/clamav-unit/matchers.json');
const rfxnFile = sharedPath('data/clamav-sigs/rfxn-2013/rfxn.ndb');
const recordsFile = sharedPath('data/clamav-oracle/rfxn-2013_rfxn.ndb.jsonl');

function vectorsOf(kind: string): Vector[] {
  return (JSON.parse(readFileSync(vectorsFile!, 'utf8')) as { vectors: Vector[] }).vectors.filter((vector) => vector.kind === kind);
}

const matchersOf = (lines: string): Matcher[] => {
  const { signatures } = readNdb(lines, contextOf());
  return [createNaiveMatcher(signatures), createMatcher(signatures)];
};

describe.skipIf(vectorsFile === undefined)("ClamAV's own matcher vectors (absent: shared data)", () => {
  it('match as they should, each signature its own data and no other of the group', async () => {
    const vectors = vectorsOf('ac');
    const lines = vectors.map((vector, i) => `${i}:0:*:${vector.hexsig}`).join('\n');
    for (const matcher of matchersOf(lines)) {
      for (const [i, vector] of vectors.entries()) {
        const names = namesOf(await scan(matcher, fromHex(vector.data_hex)!, { chunks: [1] }));
        const expected = vectors.flatMap((other, j) => (other.hexsig === vector.hexsig ? [String(j)] : []));
        expect([i, names]).toEqual([i, expected.sort()]);
      }
    }
    expect(vectors).toHaveLength(12);
  });

  it('with options match where the options are in the format; classes and modifiers are not', async () => {
    const outside: string[] = [];
    for (const vector of vectorsOf('ac-options')) {
      const line = `T:0:*:${vector.hexsig}`;
      if (vector.mods !== '') {
        outside.push(`${vector.name}: modifiers of logical signatures`);
        continue;
      }
      if (readNdb(line, contextOf()).signatures.some(({ nodes }) => nodes.some(({ kind }) => kind === 'class'))) {
        outside.push(`${vector.name}: character class`);
        continue;
      }
      for (const matcher of matchersOf(line)) {
        expect([vector.name, namesOf(await scan(matcher, fromHex(vector.data_hex)!)).length > 0]).toEqual([vector.name, vector.match]);
      }
    }
    expect(outside).toEqual([
      ...[4, 5].map((n) => `AC_Sigopts_Test_${n}: modifiers of logical signatures`),
      ...[9, 11, 12, 13].map((n) => `AC_Sigopts_Test_${n}: character class`),
      ...[18, 19, 20, 21, 22, 23, 24].map((n) => `AC_Sigopts_Test_${n}: modifiers of logical signatures`),
    ]);
  });
});

describe.skipIf(rfxnFile === undefined || recordsFile === undefined)('a real set of signatures (absent: shared data)', () => {
  const text = (): string => readFileSync(rfxnFile!, 'latin1');
  const records = (): { id: string; bytes: string; clamscan: string[] }[] =>
    readFileSync(recordsFile!, 'utf8').trim().split('\n').map((line) => JSON.parse(line) as { id: string; bytes: string; clamscan: string[] });

  it('is read to the last line', () => {
    const output = readNdb(text(), contextOf('rfxn.ndb'));
    expect({ lines: output.lines, loaded: output.loaded, skipped: output.skipped }).toEqual({ lines: 1866, loaded: 1866, skipped: [] });
  });

  /**
   * Their texts hold tags, so clamscan takes them for HTML and looks at nothing but their normalized, lower-case form
   * (its debug output says so); the signatures have capitals. For a signature of target 0 the bytes as they are count here.
   */
  const takenForHtml: Readonly<Record<string, string>> = {
    '00226.p': '{HEX}php.cmdshell.Err0R.227',
    '00261.p': '{HEX}php.cmdshell.iTSecTeam.262',
    '00473.p': '{HEX}php.mailer.aKpuMPiN.474',
    '00855.p': '{HEX}PHP.PhPen.D',
  };

  it('finds in every record what clamscan found, whole and byte by byte', async () => {
    const matcher = createMatcher(readNdb(text(), contextOf()).signatures);
    const differences: Record<string, string> = {};
    for (const { id, bytes, clamscan } of records()) {
      const content = fromHex(bytes)!;
      for (const chunks of [[content.length], [1]]) {
        const names = namesOf(await scan(matcher, content, { chunks }));
        if (names.join() !== [...clamscan].sort().join()) {
          expect([id, clamscan]).toEqual([id, []]);
          differences[id] = names.join();
        }
      }
    }
    expect(differences).toEqual(takenForHtml);
  });

  it('finds more than nothing: a matcher that finds nothing, or a signature left out, would show', async () => {
    const { signatures } = readNdb(text(), contextOf());
    const found = records().flatMap(({ clamscan }) => clamscan);
    expect(new Set(found).size).toBeGreaterThan(900);
    const without = createMatcher(signatures.filter((one) => one.threat.name !== found[0]));
    const record = records().find(({ clamscan }) => clamscan.includes(found[0]!))!;
    expect(namesOf(await scan(without, fromHex(record.bytes)!))).not.toContain(found[0]);
  });
});
