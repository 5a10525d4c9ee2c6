/** The figures of docs/threat-model.md are computed, not remembered. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { encodeAnswer } from '../../src/protocol/answer-message.js';
import { encodeQuery } from '../../src/protocol/query-message.js';
import { encodeStatement } from '../../src/protocol/statement.js';
import { statementFor } from '../support/wire-fixtures.js';

const text = readFileSync(fileURLToPath(new URL('../../docs/threat-model.md', import.meta.url)), 'utf8');
const buckets = 2 ** 32;

/** The rows of the table under the heading that begins so, as numbers; percentages as shares. */
function table(heading: string): number[][] {
  const lines = text.split('\n');
  const start = lines.findIndex((line) => line.startsWith(`| ${heading}`));
  const end = lines.findIndex((line, i) => i > start && !line.startsWith('|'));
  return lines.slice(start + 2, end).map((line) =>
    line.split('|').slice(1, -1).flatMap((cell) => cell.split('–')).map((cell) => Number(cell.replaceAll(/[,% ]/g, '')) / (cell.includes('%') ? 100 : 1)),
  );
}

function expectNear(given: readonly number[], computed: readonly number[]): void {
  given.forEach((one, i) => expect(Math.abs(one / computed[i]! - 1), `${one} for ${computed[i]!}`).toBeLessThan(0.005));
  expect(given).toHaveLength(computed.length);
}

describe('the figures of the threat model', () => {
  it('of lists follow from their length', () => {
    const rows = table('listed, N');
    expect(rows.map(([listed]) => listed)).toEqual([1e5, 1e6, 1e7, 1e8]);
    for (const [listed, ...given] of rows) {
      const share = 1 - Math.exp(-listed! / buckets);
      expectNear(given, [share, 500_000 * share, 1 + (listed! - 1) / buckets, 1e-6 / (1e-6 + share), 1e-4 / (1e-4 + share)]);
    }
  });

  it('of the world follow from its size', () => {
    const rows = table('files in the world, U');
    expect(rows).toHaveLength(4);
    rows.forEach(([files, given]) => expectNear([given!], [files! / buckets]));
  });

  it('of lengths are those of messages', () => {
    const rows = table('prefixes | request');
    expect(rows).toHaveLength(7);
    const unlisted = encodeStatement(statementFor(Uint8Array.of(1, 1, 1, 1), { generation: 20_260_401 }));
    for (const [least, most, request, answer, finds] of rows as [number, number, number, number, number][]) {
      for (const count of [least, most]) {
        const prefixes = Array.from({ length: count }, (_, i) => Uint8Array.of(0, 0, i >> 8, i & 0xff));
        const groups = [{ kind: 'file', algorithm: 'sha256', prefixes } as const];
        expect(encodeQuery({ nonce: new Uint8Array(16), groups, wants: 'direct' }).length).toBe(request);
      }
      const statements = Array.from({ length: most }, () => unlisted);
      const message = { proof: { kind: 'direct', keyId: new Uint8Array(8), signature: new Uint8Array(64) }, statements } as const;
      expect(encodeAnswer(message, request).length).toBe(answer);
      expect(Math.floor((answer - encodeAnswer(message).length) / 75)).toBe(finds);
    }
  });

  it('sabotage: a wrong figure is seen', () => {
    expect(() => expectNear([0.24], [1e9 / buckets])).toThrow('0.24');
  });
});
