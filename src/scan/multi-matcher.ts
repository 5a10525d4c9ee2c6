/**
 * The matcher in TypeScript: all signatures in one pass over the bytes, in constant memory, under a work budget.
 *
 *   1 anchors   each part of a signature is found by a few bytes of it (program.ts, search/)
 *   2 verify    around an anchor the part is compared, with all its gaps and alternatives (verify/)
 *   3 chains    parts with wide gaps between them are put together by position (verify/chain.ts)
 *   4 tail      bodies placed from the end are looked for by random access once the end is known (tail-scan.ts)
 *
 * The order of all this depends on positions only: however the bytes are cut, the outcome is the same.
 */
import type { Signal } from '../base/seams.js';
import type { ByteSource } from '../base/subject.js';
import type { ByteSignature } from '../pattern/signature.js';
import { signatureFault } from '../pattern/signatures/signature-shape.js';
import { sortedFindings } from './findings.js';
import type { Finding, Matcher, ScanContext, ScanOutcome, ScanSession } from './matcher.js';
import type { Placement, Program } from './program.js';
import { compileProgram } from './program.js';
import { StreamScan } from './stream/stream-scan.js';
import { feedRange } from './stream/tail-scan.js';
import type { Tuning } from './stream/tuning.js';
import { defaultTuning } from './stream/tuning.js';
import type { BudgetOptions } from './stream/work-budget.js';
import { WorkBudget, defaultBudget } from './stream/work-budget.js';

/** Options of `createMatcher`. */
export interface MatcherOptions {
  /** What a subject may cost before its scan ends as `incomplete: 'budget'`. */
  readonly budget?: Partial<BudgetOptions>;
  /** Sizes that change the cost only. */
  readonly tuning?: Partial<Tuning>;
}

/**
 * Compiles signatures into a matcher. Without `allMatches` a session stops looking after its first find.
 * Signatures are kept, not copied.
 * @throws TypeError for a signature that is none.
 */
export function createMatcher(signatures: readonly ByteSignature[], options: MatcherOptions = {}): Matcher {
  for (const signature of signatures) {
    const fault = signatureFault(signature);
    if (fault !== undefined) {
      throw new TypeError(`signature ${JSON.stringify(signature.threat.name)}: ${fault}`);
    }
  }
  const tuning: Tuning = { ...defaultTuning, ...options.tuning };
  const parts: MatcherParts = {
    tuning,
    budget: { ...defaultBudget, ...options.budget },
    stream: compileProgram(placed(signatures, fromBeginning), tuning),
    tail: compileProgram(placed(signatures, fromEnd), tuning),
    tailDistances: distancesFromEnd(signatures),
  };
  return { open: (context) => new MultiSession(parts, context) };
}

interface MatcherParts {
  readonly tuning: Tuning;
  readonly budget: BudgetOptions;
  readonly stream: Program;
  readonly tail: Program;
  /** How far before the end bodies of `tail` begin, ascending. */
  readonly tailDistances: readonly number[];
}

class MultiSession implements ScanSession {
  readonly #parts: MatcherParts;
  readonly #context: ScanContext;
  readonly #budget: WorkBudget;
  readonly #scan: StreamScan;
  #size = 0;

  constructor(parts: MatcherParts, context: ScanContext) {
    this.#parts = parts;
    this.#context = context;
    this.#budget = new WorkBudget(parts.budget);
    this.#scan = this.#pass(parts.stream, { startAt: 0, placementOrigin: 0, expected: context.size });
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#scan.push(chunk);
  }

  finish(source: ByteSource, options: Signal): ScanOutcome | Promise<ScanOutcome> {
    this.#scan.finish();
    const from = this.#tailFrom();
    if (from === undefined || this.#isSettled()) {
      return this.#outcome([], false);
    }
    if (this.#context.size !== undefined && this.#size < this.#context.size) {
      // The subject was cut: where it really ends is not known here.
      return this.#outcome([], true);
    }
    return this.#finishTail(from, source, options);
  }

  async #finishTail(from: number, source: ByteSource, options: Signal): Promise<ScanOutcome> {
    const range = { from, to: this.#size, source };
    const tail = this.#pass(this.#parts.tail, { startAt: from, placementOrigin: this.#size, expected: range.to - from });
    const isWhole = await feedRange(tail, range, options);
    tail.finish();
    return this.#outcome(tail.findings, !isWhole);
  }

  #outcome(more: readonly Finding[], isCut: boolean): ScanOutcome {
    const findings = sortedFindings([...this.#scan.findings, ...more]);
    const incomplete = this.#budget.exhausted ? 'budget' : isCut ? 'limit' : undefined;
    return { findings, ...(incomplete === undefined ? {} : { incomplete }) };
  }

  /** Where the earliest body that is placed from the end begins; undefined when none fits into the subject. */
  #tailFrom(): number | undefined {
    const distance = this.#parts.tailDistances.findLast((one) => one <= this.#size);
    return distance === undefined ? undefined : this.#size - distance;
  }

  #isSettled(): boolean {
    return this.#budget.exhausted || (!this.#context.allMatches && this.#scan.findings.length > 0);
  }

  #pass(program: Program, at: { startAt: number; placementOrigin: number; expected: number | undefined }): StreamScan {
    const { tuning } = this.#parts;
    return new StreamScan({ ...at, program, tuning, budget: this.#budget, allMatches: this.#context.allMatches });
  }
}

function placed(signatures: readonly ByteSignature[], place: (signature: ByteSignature) => Placement | undefined): { signature: ByteSignature; placement: Placement }[] {
  return signatures.flatMap((signature) => {
    const placement = place(signature);
    return placement === undefined ? [] : [{ signature, placement }];
  });
}

function fromBeginning({ offset }: ByteSignature): Placement | undefined {
  switch (offset.kind) {
    case 'any':
      return { lo: 0, hi: Number.POSITIVE_INFINITY };
    case 'start':
      return { lo: offset.at, hi: offset.at + offset.shift };
    default:
      return undefined;
  }
}

function fromEnd({ offset }: ByteSignature): Placement | undefined {
  return offset.kind === 'end' ? { lo: -offset.before, hi: offset.shift - offset.before } : undefined;
}

function distancesFromEnd(signatures: readonly ByteSignature[]): number[] {
  const distances = signatures.flatMap(({ offset }) => (offset.kind === 'end' ? [offset.before] : []));
  return [...new Set(distances)].sort((a, b) => a - b);
}
