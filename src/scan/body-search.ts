/**
 * The lower half of the matcher: many bodies looked for in one pass over a content. It knows bytes and positions, not
 * names: what a match means (targets, counts, logic) is told by whoever owns the sink.
 *
 *   1 anchors   each part of a body is found by a few bytes of it (program.ts, search/)
 *   2 verify    around an anchor the part is compared, with all its gaps and alternatives (verify/)
 *   3 chains    parts with wide gaps between them are put together by position (verify/chain.ts)
 *   4 late      bodies placed by what is known only at the end are looked for by random access (stream/late-scan.ts)
 *
 * The order of all this depends on positions only: however the bytes are cut, the sink hears the same.
 */
import type { Signal } from '../base/seams.js';
import type { ByteSource } from '../base/subject.js';
import type { SignatureBody, SignatureOffset } from '../pattern/signature.js';
import { compileProgram } from './program.js';
import type { BodyToCompile, Placement, Program } from './program.js';
import { scanLate } from './stream/late-scan.js';
import { StreamScan } from './stream/stream-scan.js';
import type { Tuning } from './stream/tuning.js';
import { defaultTuning } from './stream/tuning.js';
import type { WorkBudget } from './stream/work-budget.js';
import { Verifier } from './verify/verifier.js';

export type { Placement } from './program.js';

/** A body to look for. Its number is its index. */
export interface SearchedBody {
  readonly body: SignatureBody;
  /** `one`: whether it stands anywhere; the sink may hear of one match only. `all`: every end of a match counts. */
  readonly wanted: 'one' | 'all';
}

/** Who hears of matches. */
export interface BodySink {
  /**
   * A match of the whole body. `at` is its first byte where that is known, `end` the position after its last one.
   * Called once per distinct end of match of a body, ends ascending but for bodies with gaps or alternatives.
   */
  hit(body: number, at: number | undefined, end: number): void;
  /** True when no further match of this body matters. */
  isDone(body: number): boolean;
  /** True when no further match of any body matters. */
  readonly over: boolean;
}

/** What a pass is told. */
export interface BodyContext {
  readonly sink: BodySink;
  readonly budget: WorkBudget;
  /** Bytes in all, when known: saves small contents memory, never believed otherwise. */
  readonly size?: number | undefined;
}

/** One pass over one content. */
export interface BodyPass {
  /** The next bytes. The chunk is not kept and not written to. */
  push(chunk: Uint8Array): void;
  /** After the last chunk: everything that is not placed late has been reported when it returns. */
  finish(): void;
  /**
   * After `finish`: looks for bodies placed by what is known only at the end (from the end, the entry point, sections,
   * version information). `resolve` says where a body of this offset may begin, in positions from the beginning.
   * @returns false when the source ended before a place that was to be read.
   * @throws VedetteError `aborted`, `unsupported` (a source that counts wrong), and whatever the source throws.
   */
  placed(resolve: (offset: SignatureOffset) => readonly Placement[], source: ByteSource, options: Signal): boolean | Promise<boolean>;
}

/** Opens passes. Stateless between them: passes may run interleaved. */
export interface BodySearch {
  open(context: BodyContext): BodyPass;
}

/** Compiles bodies. Every body is one that `signatureFault` has nothing to say against; they are kept, not copied. */
export function createBodySearch(bodies: readonly SearchedBody[], tuning: Partial<Tuning> = {}): BodySearch {
  const all: Tuning = { ...defaultTuning, ...tuning };
  const numbered = bodies.map((one, number): BodyToCompile => ({ ...one, number }));
  const programs: Programs = {
    tuning: all,
    stream: compileProgram(numbered.filter(({ body }) => !isLate(body.offset)), all),
    late: compileProgram(numbered.filter(({ body }) => isLate(body.offset)), all),
  };
  return { open: (context) => new ProgramPass(programs, context) };
}

interface Programs {
  readonly tuning: Tuning;
  readonly stream: Program;
  readonly late: Program;
}

class ProgramPass implements BodyPass {
  readonly #programs: Programs;
  readonly #context: BodyContext;
  readonly #scan: StreamScan;
  #size = 0;

  constructor(programs: Programs, context: BodyContext) {
    const { stream: program, tuning } = programs;
    const { budget, size } = context;
    this.#programs = programs;
    this.#context = context;
    const verifier = new Verifier({ ...context, program, maxRemembered: tuning.maxRemembered, placesOf: (body) => program.places.get(body) });
    this.#scan = new StreamScan({ program, tuning, budget, verifier, startAt: 0, expected: size, placed: program.placed });
  }

  push(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#scan.push(chunk);
  }

  finish(): void {
    this.#scan.finish();
  }

  placed(resolve: (offset: SignatureOffset) => readonly Placement[], source: ByteSource, options: Signal): boolean | Promise<boolean> {
    const { late, tuning } = this.#programs;
    return scanLate({ ...this.#context, program: late, tuning, resolve, source, size: this.#size }, options);
  }
}

/** True for offsets that only the end of the content, or its structure, can tell. */
function isLate(offset: SignatureOffset): boolean {
  return offset.kind !== 'any' && offset.kind !== 'start';
}
