/**
 * The contest over one set of signatures:
 *
 *   1 load      every engine builds its tables, in a process of its own
 *   2 try       each scans a small part, which tells on how much of the corpus it is measured
 *   3 rounds    on each content one engine after the other, in changing order; the first round is not counted
 *
 * Whatever an engine reports is compared with what the slice holds, in every pass. An engine with a wrong answer is
 * out, and has no times.
 */
import type { Content, Slice } from '../haystacks/corpus/corpus.js';
import type { Truth } from '../haystacks/corpus/truth.js';
import { Unavailable } from '../definition.js';
import { ratiosOf, spreadOf } from '../measure/spread.js';
import type { ContentResult, ContestResult, ContestantResult } from './result.js';
import { reference } from './result.js';
import type { LoadedScanner, Pass, Scanner, SetFiles } from './scanner.js';

/** How long and how often. */
export interface ContestPlan {
  readonly rounds: number;
  readonly slowRounds: number;
  /** Short passes are repeated until they have taken so long, after as much that is not timed. */
  readonly minMs: number;
  /** A pass over the mixture takes at most about so long: it decides on how much of the corpus an engine is measured. */
  readonly passMs: Readonly<Record<Scanner['pace'], number>>;
}

/** What the contest is about. */
export interface ContestInput {
  readonly set: SetFiles;
  readonly contents: readonly Content[];
  readonly file: (slice: Slice) => { readonly path: string; readonly bytes: number };
  readonly truth: (slice: Slice) => Truth;
}

/** Shares that an engine may be measured on; it is tried on the last one. */
const shares = [1, 2, 4, 8, 16, 32, 64] as const;
type Share = (typeof shares)[number];
const tryShare: Share = 64;

/** An engine in the contest. */
interface Contestant {
  readonly scanner: Scanner;
  loaded: LoadedScanner | undefined;
  out: Extract<ContestantResult, { kind: 'wrong' | 'skipped' | 'failed' }> | undefined;
  /** Of the mixture; of a single content as much is taken as fits into the same number of bytes. */
  share: Share;
  readonly rates: Map<Content, number[]>;
  readonly last: Map<Content, Pass>;
}

/** Never rejects: what goes wrong with an engine is in its result. */
export async function runContest(scanners: readonly Scanner[], by: { readonly input: ContestInput; readonly plan: ContestPlan }): Promise<ContestResult> {
  const contestants = scanners.map((scanner): Contestant => ({ scanner, loaded: undefined, out: undefined, share: tryShare, rates: new Map(), last: new Map() }));
  try {
    for (const contestant of contestants) {
      await enter(contestant, by);
    }
    for (let round = -1; round < by.plan.rounds; round++) {
      await runRound(contestants, { ...by, round });
    }
  } finally {
    for (const { loaded } of contestants) {
      await loaded?.close();
    }
  }
  const measuredReference = contestants.find(({ scanner, out }) => scanner.name === reference && out === undefined);
  return { set: by.input.set.choice, engines: contestants.map((contestant) => resultOf(contestant, { ...by, reference: measuredReference })) };
}

async function enter(contestant: Contestant, { input, plan }: { readonly input: ContestInput; readonly plan: ContestPlan }): Promise<void> {
  const { scanner } = contestant;
  if (scanner.most !== undefined && input.set.choice.count > scanner.most.count) {
    contestant.out = { engine: scanner.name, kind: 'skipped', reason: scanner.most.reason };
    return;
  }
  try {
    contestant.loaded = await scanner.load(input.set);
  } catch (error) {
    contestant.out = outBy(scanner, error);
    return;
  }
  const pass = await checkedPass(contestant, { input, slice: { content: 'mixed', share: tryShare }, minMs: 0 });
  if (pass !== undefined) {
    const wholeMs = pass.cpuMs * tryShare;
    contestant.share = shares.find((share) => wholeMs / share <= plan.passMs[scanner.pace]) ?? tryShare;
  }
}

async function runRound(
  contestants: readonly Contestant[],
  { input, plan, round }: { readonly input: ContestInput; readonly plan: ContestPlan; readonly round: number },
): Promise<void> {
  for (const content of input.contents) {
    for (const contestant of rotated(contestants, Math.max(0, round))) {
      const isSlow = contestant.scanner.pace === 'slow';
      const rounds = !isSlow ? plan.rounds : content === 'mixed' ? plan.slowRounds : input.set.choice.wildcards ? 0 : 1;
      if (contestant.out !== undefined || round >= rounds || (isSlow && round < 0)) {
        continue;
      }
      const slice = sliceFor(contestant, { content, input });
      const pass = await checkedPass(contestant, { input, slice, minMs: round < 0 || isSlow ? 0 : plan.minMs });
      if (pass !== undefined && round >= 0) {
        const rates = contestant.rates.get(content) ?? [];
        contestant.rates.set(content, [...rates, input.file(slice).bytes / 1e3 / Math.max(pass.cpuMs, 0.001)]);
        contestant.last.set(content, pass);
      }
    }
  }
}

/** Slow engines are measured on about as many bytes of every content. */
function sliceFor({ share }: Contestant, { content, input }: { readonly content: Content; readonly input: ContestInput }): Slice {
  const most = input.file({ content: 'mixed', share }).bytes;
  return { content, share: content === 'mixed' ? share : shares.find((one) => input.file({ content, share: one }).bytes <= most) ?? tryShare };
}

/** Undefined when the engine is out, by this pass or before. */
async function checkedPass(
  contestant: Contestant,
  { input, slice, minMs }: { readonly input: ContestInput; readonly slice: Slice; readonly minMs: number },
): Promise<Pass | undefined> {
  const { scanner, loaded } = contestant;
  try {
    const pass = await loaded!.scan(input.file(slice).path, minMs);
    const wrong = pass.found === undefined ? undefined : differenceOf(input.truth(slice).signatures, pass.found, scanner.findsMore !== undefined);
    if (wrong !== undefined) {
      contestant.out = { engine: scanner.name, kind: 'wrong', content: slice.content, ...wrong };
      return undefined;
    }
    return pass;
  } catch (error) {
    contestant.out = outBy(scanner, error);
    return undefined;
  }
}

function differenceOf(expected: readonly number[], found: readonly number[], mayBeMore: boolean): { readonly missing: number[]; readonly extra: number[] } | undefined {
  const [wanted, got] = [new Set(expected), new Set(found)];
  const missing = expected.filter((index) => !got.has(index));
  const extra = mayBeMore ? [] : found.filter((index) => !wanted.has(index));
  return missing.length + extra.length === 0 ? undefined : { missing, extra };
}

function outBy({ name }: Scanner, error: unknown): Extract<ContestantResult, { kind: 'skipped' | 'failed' }> {
  const reason = error instanceof Error ? error.message : String(error);
  return { engine: name, kind: error instanceof Unavailable ? 'skipped' : 'failed', reason };
}

function resultOf(
  contestant: Contestant,
  { input, reference: measured }: { readonly input: ContestInput; readonly reference: Contestant | undefined },
): ContestantResult {
  const { scanner, loaded, out } = contestant;
  const about = { ...(scanner.version === undefined ? {} : { version: scanner.version }), ...(scanner.findsMore === undefined ? {} : { findsMore: scanner.findsMore }) };
  if (out !== undefined || loaded === undefined) {
    return { ...about, ...(out ?? { engine: scanner.name, kind: 'failed', reason: 'never ran' }) };
  }
  const measuredContents = input.contents.flatMap((content) => {
    const rates = contestant.rates.get(content);
    return rates === undefined ? [] : [[content, contentResult(contestant, { content, rates, input, reference: measured })] as const];
  });
  const { setUpMs, tableBytes } = loaded;
  return { engine: scanner.name, ...about, kind: 'measured', setUpMs, ...(tableBytes === undefined ? {} : { tableBytes }), contents: Object.fromEntries(measuredContents) };
}

function contentResult(
  contestant: Contestant,
  by: { readonly content: Content; readonly rates: readonly number[]; readonly input: ContestInput; readonly reference: Contestant | undefined },
): ContentResult {
  const { scanner, last } = contestant;
  const ratios = by.reference === undefined || scanner.name === reference ? [] : ratiosOf(by.rates, by.reference.rates.get(by.content) ?? []);
  const { found, matches } = last.get(by.content)!;
  return {
    rate: spreadOf(by.rates),
    ...(ratios.length === 0 ? {} : { ratio: spreadOf(ratios) }),
    bytes: by.input.file(sliceFor(contestant, by)).bytes,
    rounds: by.rates.length,
    ...(found === undefined ? {} : { signatures: found.length }),
    ...(matches === undefined ? {} : { matches }),
  };
}

function rotated<T>(all: readonly T[], by: number): T[] {
  const from = all.length === 0 ? 0 : by % all.length;
  return [...all.slice(from), ...all.slice(0, from)];
}
