import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseContestOptions } from '../../bench/contest/options.js';
import { peers } from '../../bench/contest/peers/names.js';
import { contents } from '../../bench/haystacks/corpus/corpus.js';

describe('the command line of the scan contest', () => {
  it('takes all sizes, sets, peers and contents, and keeps a record, when nothing is said', () => {
    const sets = [false, true].flatMap((wildcards) => [1_000, 10_000, 100_000].map((count) => ({ count, wildcards })));
    expect(parseContestOptions([])).toEqual({ kind: 'run', quick: false, sets, peers, contents, hostFiles: [], record: { kind: 'folder' } });
  });

  it('takes parts of all that, in its own order', () => {
    const args = ['--sizes', '100k,1k', '--sets', 'literals', '--peers', 'yara,vectorscan', '--content', 'zip,mixed', '--rounds', '3', '--engine', './mine.mjs'];
    expect(parseContestOptions(args)).toEqual({
      kind: 'run',
      quick: false,
      sets: [{ count: 1_000, wildcards: false }, { count: 100_000, wildcards: false }],
      peers: ['vectorscan', 'yara'],
      contents: ['mixed', 'zip'],
      rounds: 3,
      hostFiles: [resolve('mine.mjs')],
      record: { kind: 'none' },
    });
  });

  it.each([
    [['--peers', 'none'], { kind: 'none' }],
    [['--quick'], { kind: 'none' }],
    [['--no-record'], { kind: 'none' }],
    [['--sizes', '1k', '--out', 'x.json'], { kind: 'file', path: resolve('x.json') }],
    [['--rounds', '7'], { kind: 'folder' }],
  ])('with %j has the record %j', (args, record) => {
    expect(parseContestOptions(args)).toMatchObject({ record });
  });

  it.each([[['--sizes', '5k']], [['--sets', '']], [['--peers', 'nobody']], [['--rounds', '0']], [['--unknown']], [['positional']]])('refuses %j with a reason', (args) => {
    expect(parseContestOptions(args)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/./) as string });
  });
});
