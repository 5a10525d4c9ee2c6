/** Entry of `node bench/compare.mjs A.json B.json`. */
import { comparisonOf } from './report/comparison.js';
import { readRecord } from './report/record.js';

/** Exit code: 0, or 2 for a wrong command line or file. */
export async function main({ args }: { readonly args: readonly string[] }): Promise<number> {
  const [a, b] = args;
  if (a === undefined || b === undefined || args.length > 2) {
    process.stderr.write('usage: node bench/compare.mjs A.json B.json\n');
    return 2;
  }
  try {
    process.stdout.write(comparisonOf(readRecord(a), readRecord(b)));
    return 0;
  } catch (error) {
    process.stderr.write(`compare: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  }
}
