/**
 * The matcher of plain lists of byte signatures: a body search over all of them, and a name for each body found.
 */
import type { Signal } from '../base/seams.js';
import type { ByteSource } from '../base/subject.js';
import type { GramHistogram } from '../pattern/anchors/gram-histogram.js';
import type { ByteSignature, SignatureOffset } from '../pattern/signature.js';
import { joinGaps } from '../pattern/signatures/join-gaps.js';
import { signatureFault } from '../pattern/signatures/signature-shape.js';
import type { BodyPass, BodySearch, BodySink, Placement } from './body-search.js';
import { createBodySearch } from './body-search.js';
import { sortedFindings } from './findings.js';
import type { Kernel } from './kernel/kernel.js';
import type { Finding, Matcher, ScanContext, ScanOutcome, ScanSession } from './matcher.js';
import type { Tuning } from './stream/tuning.js';
import type { BudgetOptions } from './stream/work-budget.js';
import { WorkBudget, defaultBudget } from './stream/work-budget.js';

/** Options of `createMatcher`. */
export interface MatcherOptions {
  /** What a subject may cost before its scan ends as `incomplete: 'budget'`. */
  readonly budget?: Partial<BudgetOptions>;
  /** Sizes that change the cost only. */
  readonly tuning?: Partial<Tuning> | undefined;
  /** The kernel of `vedette/wasm`; without one, the search runs in TypeScript. */
  readonly kernel?: Kernel | undefined;
  /** Ordinary files, for better anchors (`goodwareHistogram` of `vedette/compile`); without it, rare bytes have to do. */
  readonly histogram?: GramHistogram | undefined;
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
  const search = createBodySearch(signatures.map((body) => ({ body: joinGaps(body), wanted: 'one' as const })), options);
  const budget = { ...defaultBudget, ...options.budget };
  return { open: (context) => new MultiSession({ signatures, search, budget }, context) };
}

interface MatcherParts {
  readonly signatures: readonly ByteSignature[];
  readonly search: BodySearch;
  readonly budget: BudgetOptions;
}

class MultiSession implements ScanSession {
  readonly #context: ScanContext;
  readonly #budget: WorkBudget;
  readonly #sink: FindingSink;
  readonly #pass: BodyPass;
  #size = 0;

  constructor({ signatures, search, budget }: MatcherParts, context: ScanContext) {
    this.#context = context;
    this.#budget = new WorkBudget(budget);
    this.#sink = new FindingSink(signatures, context.allMatches);
    this.#pass = search.open({ sink: this.#sink, budget: this.#budget });
  }

  update(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#pass.push(chunk);
  }

  finish(source: ByteSource, options: Signal): ScanOutcome | Promise<ScanOutcome> {
    this.#pass.finish();
    // A subject that was cut: where it really ends is not known here.
    const isCut = this.#context.size !== undefined && this.#size < this.#context.size;
    let hasLate = false;
    const resolve = (offset: SignatureOffset): readonly Placement[] => {
      const placements = placementsOf(offset, this.#size);
      hasLate ||= placements.length > 0;
      return isCut ? [] : placements;
    };
    const isWhole = this.#pass.placed(resolve, source, options);
    return typeof isWhole === 'boolean'
      ? this.#outcome(!isWhole || (isCut && hasLate && !this.#sink.over))
      : isWhole.then((whole) => this.#outcome(!whole));
  }

  #outcome(isCut: boolean): ScanOutcome {
    const findings = sortedFindings(this.#sink.findings);
    const incomplete = this.#budget.exhausted ? 'budget' : isCut ? 'limit' : undefined;
    return { findings, ...(incomplete === undefined ? {} : { incomplete }) };
  }
}

class FindingSink implements BodySink {
  readonly findings: Finding[] = [];
  readonly #signatures: readonly ByteSignature[];
  readonly #allMatches: boolean;
  readonly #found = new Set<ByteSignature>();

  constructor(signatures: readonly ByteSignature[], allMatches: boolean) {
    this.#signatures = signatures;
    this.#allMatches = allMatches;
  }

  get over(): boolean {
    return this.findings.length > 0 && !this.#allMatches;
  }

  hit(body: number, at: number | undefined): void {
    const signature = this.#signatures[body]!;
    this.#found.add(signature);
    this.findings.push({ threat: signature.threat, ...(at === undefined ? {} : { at }) });
  }

  isDone(body: number): boolean {
    return this.#found.has(this.#signatures[body]!);
  }
}

/** Where a body placed from the end may begin; places in executables are not known to this matcher. */
function placementsOf(offset: SignatureOffset, size: number): readonly Placement[] {
  // A body placed before the beginning of a small subject is nowhere, even if its shift would bring it in (clamscan too).
  return offset.kind === 'end' && offset.before <= size ? [{ lo: size - offset.before, hi: size - offset.before + offset.shift }] : [];
}
