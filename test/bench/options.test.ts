import { resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { parseOptions } from '../../bench/options.js';

describe('the command line of the bench', () => {
  it('runs everything, and keeps a record, when nothing is said', () => {
    expect(parseOptions([])).toEqual({ kind: 'run', quick: false, hostFiles: [], only: [], record: { kind: 'folder' } });
  });

  it('takes engines, definitions, rounds, a note and a place for the record', () => {
    const args = ['--engine', './mine.mjs', '--engine', 'other.mjs', '--only', 'scan,cache', '--only', 'query-1', '--rounds', '3', '--note', 'a note', '--out', 'x.json'];
    expect(parseOptions(args)).toEqual({
      kind: 'run',
      quick: false,
      hostFiles: [resolve('mine.mjs'), resolve('other.mjs')],
      only: ['scan', 'cache', 'query-1'],
      rounds: 3,
      note: 'a note',
      record: { kind: 'file', path: resolve('x.json') },
    });
  });

  it.each([
    [['--quick'], { kind: 'none' }],
    [['--no-record'], { kind: 'none' }],
    [['--quick', '--out', 'x.json'], { kind: 'file', path: resolve('x.json') }],
  ])('with %j has the record %j', (args, record) => {
    expect(parseOptions(args)).toMatchObject({ record });
  });

  it.each([[['--rounds', '0']], [['--rounds', 'many']], [['--unknown']], [['positional']], [['--engine']]])('refuses %j with a reason', (args) => {
    expect(parseOptions(args)).toMatchObject({ kind: 'refused', reason: expect.stringMatching(/./) as string });
  });

  it('explains itself', () => {
    expect([parseOptions(['-h']), parseOptions(['--list'])]).toEqual([{ kind: 'help' }, { kind: 'list' }]);
  });
});
