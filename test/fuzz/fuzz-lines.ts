/**
 * Mutated signature lines through their readers: each is loaded, skipped with a reason, or blank; nothing throws; and
 * what was loaded is written into an agent pattern and comes out of it as it was.
 */
import { isDeepStrictEqual } from 'node:util';
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { regexFault } from '../../src/compile/regex-fault.js';
import { readers } from '../../src/compile/readers/index.js';
import type { ReaderContext, ReaderOutput } from '../../src/compile/readers/reader.js';
import { decodeLogical, decodeMacros, encodeLogical, encodeMacros } from '../../src/pattern/signatures/logical-codec.js';
import { signatureFault } from '../../src/pattern/signatures/signature-shape.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { lineSamples } from './line-samples.js';
import { mutateText, pick } from './mutate.js';

/** What a run came to. */
export interface FuzzReport {
  readonly runs: number;
  /** Inputs that were taken in spite of what was done to them. */
  readonly accepted: number;
  readonly faults: readonly string[];
  /** CPU time of the slowest input in ms, and that input. */
  readonly slowest: { readonly ms: number; readonly input: string };
}

/** `runs` mutated lines. Reads them with `read`, by default the readers themselves. */
export function fuzzLines(options: { readonly runs: number; readonly seed: number; readonly read?: typeof readLine }): FuzzReport {
  const random = createSeededRandom(options.seed);
  const read = options.read ?? readLine;
  const faults: string[] = [];
  let accepted = 0;
  let slowest = { ms: 0, input: '' };
  for (let run = 0; run < options.runs; run++) {
    const [format, line] = pick(random, lineSamples);
    const text = mutateText(random, line, pick(random, lineSamples)[1]);
    const before = process.cpuUsage();
    const fault = faultOf(() => {
      const output = read(format, text);
      accepted += output.loaded > 0 ? 1 : 0;
      return outputFault(output, text);
    });
    const { user, system } = process.cpuUsage(before);
    if ((user + system) / 1000 > slowest.ms) {
      slowest = { ms: (user + system) / 1000, input: `${format}: ${text.slice(0, 500)}` };
    }
    if (fault !== undefined && faults.length < 20) {
      faults.push(`seed ${options.seed}, run ${run}, ${format} ${JSON.stringify(text.slice(0, 300))}: ${fault}`);
    }
  }
  return { runs: options.runs, accepted, faults, slowest };
}

/** One text through the reader of its format. */
export function readLine(format: keyof typeof readers, text: string): ReaderOutput {
  return readers[format](text, context);
}

const extractor = createExtractor({ hostRule: 'labels5' });
const context: ReaderContext = { source: 'fuzz.txt', hostRule: 'labels5', url: (url) => extractor.url(url), sha256, regexFault };

function faultOf(check: () => string | undefined): string | undefined {
  try {
    return check();
  } catch (error) {
    return `thrown: ${String(error)}`;
  }
}

function outputFault(output: ReaderOutput, text: string): string | undefined {
  const lines = text.replace(/^\ufeff/, '').replace(/\n$/, '').split('\n').length;
  if (output.loaded + output.skipped.length > output.lines || output.lines > lines) {
    return 'the lines are not accounted for';
  }
  if (output.skipped.some(({ reason }) => reason.length === 0 || reason.length > 1000)) {
    return 'a reason is empty or endless';
  }
  const broken = output.signatures.map(signatureFault).find((fault) => fault !== undefined);
  if (broken !== undefined) {
    return `loaded, though ${broken}`;
  }
  const macros = output.macros.map((one) => one.body);
  const isKept = isDeepStrictEqual(decodeLogical(encodeLogical(output.logical)), [...output.logical]) && isDeepStrictEqual(decodeMacros(encodeMacros(macros)), macros);
  return isKept ? undefined : 'the agent pattern gives back something else';
}
