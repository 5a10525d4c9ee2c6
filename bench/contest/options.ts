/** The command line of `npm run bench -- scan`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import type { Content } from '../haystacks/corpus/corpus.js';
import { contents } from '../haystacks/corpus/corpus.js';
import type { SetChoice } from '../inputs/signature-set.js';
import { peers } from './peers/names.js';

/** What is to be done. */
export type ContestOptions =
  | { readonly kind: 'help' }
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'run';
      readonly quick: boolean;
      readonly sets: readonly SetChoice[];
      readonly peers: readonly string[];
      readonly contents: readonly Content[];
      readonly rounds?: number;
      /** Absolute paths of modules with a matcher of their own. */
      readonly hostFiles: readonly string[];
      readonly note?: string;
      /** Where the record goes: a file, the folder of records, or nowhere. A run over a part goes nowhere by itself. */
      readonly record: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'folder' } | { readonly kind: 'none' };
    };

/** The text of `--help`. */
export const contestUsage = `npm run bench -- scan [options]

  --sizes N,…       signatures: 1k, 10k, 100k (all three)
  --sets NAME,…     literals, wildcards (both)
  --peers NAME,…    ${peers.slice(0, 4).join(', ')},
                    ${peers.slice(4).join(', ')}; none (all that are installed)
  --content NAME,…  ${contents.join(', ')} (all)
  --engine FILE     also measure the matcher that this module makes (docs/bench.md); may be repeated
  --rounds N        rounds (5); engines that are slow have 3 of them
  --quick           a tiny corpus, to see that everything runs: right or wrong is meant, times are not
  --note TEXT       a remark for the record
  --out FILE        write the record there
  --no-record       write no record (a run over a part, or --quick, writes one only with --out)
  --no-install      do not install the packages to compare with
`;

const parts = ['sizes', 'sets', 'peers', 'content'] as const;

/** Pure. */
export function parseContestOptions(args: readonly string[]): ContestOptions {
  try {
    const values = readArgs(args);
    if (values.help === true) {
      return { kind: 'help' };
    }
    const sizes = listOf(values.sizes, { name: '--sizes', all: ['1k', '10k', '100k'] });
    const sets = listOf(values.sets, { name: '--sets', all: ['literals', 'wildcards'] });
    const rounds = roundsOf(values.rounds);
    const quick = values.quick === true;
    const isPart = parts.some((part) => values[part] !== undefined);
    return {
      kind: 'run',
      quick,
      sets: sets.flatMap((set) => sizes.map((size) => ({ count: 1_000 * Number(size.slice(0, -1)), wildcards: set === 'wildcards' }))),
      peers: values.peers === 'none' ? [] : listOf(values.peers, { name: '--peers', all: peers }),
      contents: listOf(values.content, { name: '--content', all: contents }),
      ...(rounds === undefined ? {} : { rounds }),
      hostFiles: (values.engine ?? []).map((file) => resolve(file)),
      ...(values.note === undefined ? {} : { note: values.note }),
      record:
        values.out !== undefined
          ? { kind: 'file', path: resolve(values.out) }
          : quick || isPart || values['no-record'] === true
            ? { kind: 'none' }
            : { kind: 'folder' },
    };
  } catch (error) {
    return { kind: 'refused', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Those of `all` that are named, in the order of `all`. */
function listOf<Name extends string>(text: string | undefined, { name, all }: { readonly name: string; readonly all: readonly Name[] }): Name[] {
  const wanted = text?.split(',').filter((one) => one !== '') ?? [...all];
  const strange = wanted.filter((one) => !all.includes(one as Name));
  if (strange.length > 0 || wanted.length === 0) {
    throw new Error(`${name}: expected some of ${all.join(', ')}`);
  }
  return all.filter((one) => wanted.includes(one));
}

function roundsOf(text: string | undefined): number | undefined {
  const rounds = text === undefined ? undefined : Number(text);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 1_000)) {
    throw new Error('--rounds: expected a number from 1 to 1000');
  }
  return rounds;
}

function readArgs(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      sizes: { type: 'string' },
      sets: { type: 'string' },
      peers: { type: 'string' },
      content: { type: 'string' },
      engine: { type: 'string', multiple: true },
      rounds: { type: 'string' },
      quick: { type: 'boolean' },
      note: { type: 'string' },
      out: { type: 'string' },
      'no-record': { type: 'boolean' },
      'no-install': { type: 'boolean' },
      help: { type: 'boolean', short: 'h' },
    },
  }).values;
}
