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
import { innerGapBytes } from '../pattern/anchors/anchor-codec.js';
import type { GramHistogram } from '../pattern/anchors/gram-histogram.js';
import type { SignatureOffset } from '../pattern/signature.js';
import type { Kernel } from './kernel/kernel.js';
import type { BodyList, Placement, Program, SearchedBody } from './program.js';
import type { DraftOptions } from './program-draft.js';
import { ProgramDraft, addStored, compileProgram } from './program-draft.js';
import { marksOf, wake } from './search/pass-marks.js';
import { scanLate } from './stream/late-scan.js';
import { StreamScan } from './stream/stream-scan.js';
import type { Tuning } from './stream/tuning.js';
import { defaultTuning } from './stream/tuning.js';
import type { WorkBudget } from './stream/work-budget.js';
import { Verifier } from './verify/verifier.js';

export type { BodyList, Placement, SearchedBody } from './program.js';

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

/** How a body search is made. */
export interface BodySearchOptions {
  /** Sizes that change the cost only. */
  readonly tuning?: Partial<Tuning> | undefined;
  /** Without one, the search runs in TypeScript: the same finds, at a third of the speed. */
  readonly kernel?: Kernel | undefined;
  /** Ordinary files, for better anchors; without it, the rarity of single bytes has to do. */
  readonly histogram?: GramHistogram | undefined;
}

/** Compiles bodies. Every body is one that `signatureFault` has nothing to say against; they are kept, not copied. */
export function createBodySearch(bodies: BodyList | readonly SearchedBody[], options: BodySearchOptions = {}): BodySearch {
  const tuning: Tuning = { ...defaultTuning, ...options.tuning };
  const list = 'count' in bodies ? bodies : listOf(bodies);
  const late: number[] = [];
  const stream = streamProgram(list, late, { bodies: list, tuning, kernel: options.kernel, histogram: options.histogram });
  let lateProgram: Program | undefined;
  const programs: Programs = {
    tuning,
    stream,
    late: () => (late.length === 0 ? undefined : (lateProgram ??= compileProgram(late, { bodies: list, tuning, kernel: undefined, histogram: undefined }))),
  };
  return { open: (context) => new ProgramPass(programs, context) };
}

/** The program of bodies whose places are known beforehand; the others are added to `late`. */
function streamProgram(bodies: BodyList, late: number[], options: DraftOptions): Program {
  const draft = new ProgramDraft(options);
  const add = (number: number): void => {
    const body = bodies.at(number);
    if (isLate(body.body.offset)) {
      late.push(number);
    } else {
      draft.add(number, body);
    }
  };
  // Stored anchors were chosen for segments as the default tuning makes them.
  const anchors = options.tuning.innerGapBytes === innerGapBytes ? bodies.takeAnchors?.() : undefined;
  if (anchors !== undefined) {
    addStored(draft, anchors, add);
  }
  for (let number = anchors?.bodies ?? 0; number < bodies.count; number++) {
    add(number);
  }
  return draft.finish();
}

function listOf(bodies: readonly SearchedBody[]): BodyList {
  return { count: bodies.length, at: (number) => bodies[number]! };
}

interface Programs {
  readonly tuning: Tuning;
  readonly stream: Program;
  /** Made when it is first needed, for the twin: what is read again is little. */
  late(): Program | undefined;
}

class ProgramPass implements BodyPass {
  readonly #programs: Programs;
  readonly #context: BodyContext;
  readonly #scan: StreamScan;
  #size = 0;

  constructor(programs: Programs, context: BodyContext) {
    const { stream: program, tuning } = programs;
    const { budget, sink } = context;
    const marks = marksOf(program);
    this.#programs = programs;
    this.#context = context;
    const { lookBehind } = program.parts;
    const verifier = new Verifier({ budget, sink, lookBehind, maxRemembered: tuning.maxRemembered, reached: (segment) => wake(program, marks, segment) });
    this.#scan = new StreamScan({ program, tuning, budget, sink, verifier, marks, startAt: 0, placed: program.parts.placed });
  }

  push(chunk: Uint8Array): void {
    this.#size += chunk.length;
    this.#scan.push(chunk);
  }

  finish(): void {
    this.#scan.finish();
  }

  placed(resolve: (offset: SignatureOffset) => readonly Placement[], source: ByteSource, options: Signal): boolean | Promise<boolean> {
    const program = this.#programs.late();
    return program === undefined ? true : scanLate({ ...this.#context, program, tuning: this.#programs.tuning, resolve, source, size: this.#size }, options);
  }
}

/** True for offsets that only the end of the content, or its structure, can tell. */
function isLate(offset: SignatureOffset): boolean {
  return offset.kind !== 'any' && offset.kind !== 'start';
}
