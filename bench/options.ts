/** The command line of `npm run bench`. */
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';

/** What is to be done. */
export type Options =
  | { readonly kind: 'help' }
  | { readonly kind: 'list' }
  | { readonly kind: 'refused'; readonly reason: string }
  | {
      readonly kind: 'run';
      readonly quick: boolean;
      /** Absolute paths. */
      readonly hostFiles: readonly string[];
      /** Definitions whose names begin with one of these; all when empty. */
      readonly only: readonly string[];
      readonly rounds?: number;
      readonly note?: string;
      /** Where the record goes: a file, the folder of records, or nowhere. */
      readonly record: { readonly kind: 'file'; readonly path: string } | { readonly kind: 'folder' } | { readonly kind: 'none' };
    };

/** The text of `--help`. */
export const usage = `npm run bench -- [options]

  --engine FILE     also measure the parts that this module makes (docs/bench.md); may be repeated
  --only NAME,…     only definitions whose names begin so (scan, filter-1m, query, …)
  --quick           tiny inputs, to try an engine out: right or wrong is meant, times are not
  --rounds N        rounds of each definition (7)
  --note TEXT       a remark for the record
  --out FILE        write the record there
  --no-record       write no record (--quick writes one only with --out)
  --no-install      do not install the packages to compare with; without them their rows are skipped
  --list            the definitions and what they mean

npm run bench -- scan     the scan contest with Vectorscan, YARA, clamscan, YARA-X, Aho-Corasick (scan --help)
npm run bench -- pattern  what the light pattern weighs, beside clamscan (pattern --help)
npm run bench -- server   a server of 10⁷ records: import, memory, answering times at a switch (server --help)
npm run bench -- page     writes docs/benchmarks.md anew from the newest records
node bench/compare.mjs A.json B.json prints two records side by side.
`;

/** Pure. */
export function parseOptions(args: readonly string[]): Options {
  const parsed = readArgs(args);
  if (typeof parsed === 'string') {
    return { kind: 'refused', reason: parsed };
  }
  if (parsed.help === true || parsed.list === true) {
    return { kind: parsed.help === true ? 'help' : 'list' };
  }
  const rounds = parsed.rounds === undefined ? undefined : Number(parsed.rounds);
  if (rounds !== undefined && !(Number.isInteger(rounds) && rounds >= 1 && rounds <= 1_000)) {
    return { kind: 'refused', reason: '--rounds: expected a number from 1 to 1000' };
  }
  const quick = parsed.quick === true;
  return {
    kind: 'run',
    quick,
    hostFiles: (parsed.engine ?? []).map((file) => resolve(file)),
    only: (parsed.only ?? []).flatMap((names) => names.split(',')).filter((name) => name !== ''),
    ...(rounds === undefined ? {} : { rounds }),
    ...(parsed.note === undefined ? {} : { note: parsed.note }),
    record:
      parsed.out !== undefined
        ? { kind: 'file', path: resolve(parsed.out) }
        : quick || parsed['no-record'] === true
          ? { kind: 'none' }
          : { kind: 'folder' },
  };
}

function readArgs(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        engine: { type: 'string', multiple: true },
        only: { type: 'string', multiple: true },
        quick: { type: 'boolean' },
        rounds: { type: 'string' },
        note: { type: 'string' },
        out: { type: 'string' },
        'no-record': { type: 'boolean' },
        'no-install': { type: 'boolean' },
        list: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    }).values;
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  }
}
