import { describe, expect, it } from 'vitest';
import type { ContestInput, ContestPlan } from '../../bench/contest/contest.js';
import { runContest } from '../../bench/contest/contest.js';
import type { ContestResult, ContestantResult } from '../../bench/contest/result.js';
import type { Scanner } from '../../bench/contest/scanner.js';
import { contestTable } from '../../bench/contest/table.js';
import { Unavailable } from '../../bench/definition.js';

const plan: ContestPlan = { rounds: 3, slowRounds: 2, minMs: 1, passMs: { fast: 10_000, slow: 100 } };
const input: ContestInput = {
  set: { choice: { count: 40, wildcards: false }, ndb: () => '', yara: () => '', regex: () => '', kept: () => '' },
  contents: ['mixed', 'elf'],
  file: ({ content, share }) => ({ path: `${content}/${share}`, bytes: (content === 'mixed' ? 64_000_000 : 24_000_000) / share }),
  truth: ({ content }) => ({ signatures: content === 'mixed' ? [1, 2, 3] : [1], occurrences: 5 }),
};

/** Takes `msPerMB`; finds what there is, unless told otherwise. */
function scanner(name: string, by: { msPerMB: number; log?: string[]; pace?: 'fast' | 'slow'; finds?: (path: string) => number[] }): Scanner {
  const finds = by.finds ?? ((path: string) => (path.startsWith('mixed') ? [1, 2, 3] : [1]));
  return {
    name,
    peer: undefined,
    pace: by.pace ?? 'fast',
    load: async () => ({
      setUpMs: 7,
      async scan(file) {
        by.log?.push(`${name} ${file}`);
        const [content, share] = file.split('/');
        return { cpuMs: (by.msPerMB * (content === 'mixed' ? 64 : 24)) / Number(share), found: finds(file) };
      },
      close: async () => undefined,
    }),
  };
}

const of = (result: ContestResult, name: string): ContestantResult => result.engines.find(({ engine }) => engine === name)!;

describe('a contest', () => {
  it('gives rates, and ratios to vectorscan', async () => {
    const result = await runContest([scanner('vectorscan', { msPerMB: 2 }), scanner('ours', { msPerMB: 0.5 })], { input, plan });
    expect(of(result, 'ours')).toMatchObject({
      kind: 'measured',
      setUpMs: 7,
      contents: { mixed: { rate: { median: 2_000 }, ratio: { median: 4 }, rounds: 3, signatures: 3, bytes: 64_000_000 }, elf: { ratio: { median: 4 } } },
    });
    expect(of(result, 'vectorscan')).toMatchObject({ contents: { mixed: { rate: { median: 500 } } } });
    expect(JSON.stringify(of(result, 'vectorscan'))).not.toContain('ratio');
  });

  it('lets the engines scan in turns, in changing order', async () => {
    const log: string[] = [];
    await runContest([scanner('a', { msPerMB: 1, log }), scanner('b', { msPerMB: 1, log })], { input, plan });
    const mixed = log.filter((line) => line.endsWith('mixed/1')).map((line) => line[0]).join('');
    expect(mixed).toBe('ab' + 'ab' + 'ba' + 'ab');
  });

  it('measures a slow engine on a part, and on about as many bytes of a single content, once', async () => {
    const log: string[] = [];
    const result = await runContest([scanner('slow', { msPerMB: 10, pace: 'slow', log })], { input, plan });
    expect(of(result, 'slow')).toMatchObject({ contents: { mixed: { bytes: 8_000_000, rounds: 2 }, elf: { bytes: 6_000_000, rounds: 1 } } });
    expect(log).toEqual(['slow mixed/64', 'slow mixed/8', 'slow elf/4', 'slow mixed/8']);
  });

  it('takes an engine out that misses something, invents something or fails, and gives it no times', async () => {
    const result = await runContest(
      [
        scanner('misses', { msPerMB: 1, finds: (path) => (path.startsWith('mixed') ? [1, 3] : [1]) }),
        scanner('invents', { msPerMB: 1, finds: (path) => (path.startsWith('mixed') ? [1, 2, 3] : [1, 9]) }),
        scanner('fails', { msPerMB: 1, finds: () => { throw new Error('no more'); } }),
        { ...scanner('sees more', { msPerMB: 1, finds: () => [1, 2, 3, 9] }), findsMore: 'a reason' },
        { ...scanner('absent', { msPerMB: 1 }), load: async () => { throw new Unavailable('not installed'); } },
        { ...scanner('too many', { msPerMB: 1 }), most: { count: 39, reason: 'takes minutes' } },
      ],
      { input, plan },
    );
    expect(of(result, 'sees more')).toMatchObject({ kind: 'measured', findsMore: 'a reason', contents: { elf: { signatures: 4 } } });
    expect(result.engines.filter(({ engine }) => engine !== 'sees more')).toEqual([
      { engine: 'misses', kind: 'wrong', content: 'mixed', missing: [2], extra: [] },
      { engine: 'invents', kind: 'wrong', content: 'elf', missing: [], extra: [9] },
      { engine: 'fails', kind: 'failed', reason: 'no more' },
      { engine: 'absent', kind: 'skipped', reason: 'not installed' },
      { engine: 'too many', kind: 'skipped', reason: 'takes minutes' },
    ]);
    expect(contestTable(result)).toContain('misses: WRONG on mixed, not timed: 1 signatures missing (2), 0 too many (–)');
  });
});
