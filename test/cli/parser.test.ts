import { describe, expect, it } from 'vitest';
import { defineCommand } from '../../src/cli/command.js';
import { coloursFor } from '../../src/cli/output/colours.js';
import { parseCommandLine, type Grammar, type Parsed } from '../../src/cli/parser.js';
import type { Io } from '../../src/cli/io.js';

const check = defineCommand({
  name: 'check',
  summary: 'checks',
  argument: { name: 'PATH', count: 'some' },
  options: {
    json: { kind: 'switch', help: 'json' },
    outFile: { kind: 'text', value: 'FILE', help: 'where to', required: true },
    server: { kind: 'texts', value: 'URL', help: 'whom' },
    jobs: { kind: 'whole', value: 'N', min: 1, max: 9, help: 'how many' },
    level: { kind: 'choice', values: ['low', 'high'], help: 'how' },
  },
  run: () => Promise.resolve(0 as const),
});
const list = defineCommand({ name: 'queue list', summary: 'lists', options: {}, run: () => Promise.resolve(0 as const) });
const grammar: Grammar = { name: 'program', about: 'A program.', version: '1.2.3', commands: [check, list], notes: [] };

function parse(...args: string[]): { readonly parsed: Parsed; readonly notes: readonly string[] } {
  const notes: string[] = [];
  const io: Io = {
    line: () => Promise.resolve(),
    stdin: () => (async function* (): AsyncGenerator<Uint8Array> {})(),
    note: (text) => void notes.push(text),
    colours: coloursFor(false, {}),
    width: 100,
    terminal: undefined,
    signal: new AbortController().signal,
    stopped: () => 'no',
  };
  return { parsed: parseCommandLine(args, grammar, io), notes };
}

describe('a command line', () => {
  it('becomes a call with a value for every option', () => {
    expect(parse('check', '--out-file', 'o', '--server', 'a', '--server', 'b', '--jobs', '3', '--level', 'low', '--json', 'x', 'y').parsed).toMatchObject({
      kind: 'call',
      call: { args: ['x', 'y'], values: { json: true, outFile: 'o', server: ['a', 'b'], jobs: 3, level: 'low' } },
    });
  });

  it('has defaults for what was not given', () => {
    expect(parse('check', '--out-file', 'o', 'x').parsed).toMatchObject({
      call: { values: { json: false, outFile: 'o', server: [], jobs: undefined, level: undefined } },
    });
  });

  it('takes what follows -- for a path, whatever it looks like', () => {
    expect(parse('check', '--out-file', 'o', '--', '--json').parsed).toMatchObject({ call: { args: ['--json'], values: { json: false } } });
  });

  it('knows commands of two words', () => {
    expect(parse('queue', 'list').parsed).toMatchObject({ kind: 'call', call: { command: { name: 'queue list' }, args: [] } });
  });

  it.each([
    [['check', '--out-file', 'o'], /missing required argument 'PATH'/],
    [['check', 'x'], /required option '--out-file <FILE>' not specified/],
    [['check', '--out-file', 'o', 'x', '--jobs', '0'], /whole number from 1 to 9/],
    [['check', '--out-file', 'o', 'x', '--jobs', '10'], /whole number from 1 to 9/],
    [['check', '--out-file', 'o', 'x', '--jobs', '1e0'], /whole number/],
    [['check', '--out-file', 'o', 'x', '--level', 'mid'], /Expected low, high/],
    [['check', '--out-file', 'o', 'x', '--nope'], /unknown option '--nope'/],
    [['chekc'], /unknown command 'chekc' \(Did you mean check\?\)/],
    [['queue', 'list', 'x'], /too many arguments/],
    [['queue', 'nope'], /unknown command 'nope'/],
  ])('refuses %j in one line', (args, expected) => {
    const { parsed, notes } = parse(...args);
    expect(parsed).toEqual({ kind: 'refused' });
    expect(notes).toHaveLength(1);
    expect(notes[0]).toMatch(expected);
    expect(notes[0]).not.toContain('\n');
  });
});
