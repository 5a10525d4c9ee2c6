/**
 * Checks the signatures of a section one after the other, without making anything of them: a hundred thousand in a few
 * milliseconds. What it knows of the body it stands on is overwritten by the next one.
 *
 * Bodies of runs and gaps, nearly all there are, are checked here; the others are decoded and asked `signatureFault`.
 * A property test says that it accepts what the clear decoder accepts.
 */
import { ByteReader } from '../bytes/byte-reader.js';
import { QuickCursor } from '../bytes/quick-cursor.js';
import { readSignature } from './signature-codec.js';
import type { NameClass } from './name-classes.js';
import { maxPrefixBytes } from './name-classes.js';
import type { ObjectBudget } from './object-budget.js';
import { signatureLimits } from './signature-shape.js';
import type { ByteSignature } from '../signature.js';

// Numbers of four bytes are below `maxDistance`; larger ones are decoded.
const { maxBytes, maxNodes, maxNameBytes } = signatureLimits;
const kindOfGap = 4;
const kindOfOpenGap = 5;

/** What a walk knows of the signature that it stands on. */
export interface SurveyedSignature {
  readonly target: number;
  /** Set when the body has more than runs and gaps; else its nodes stand in the columns. */
  readonly decoded: ByteSignature | undefined;
  readonly nodes: number;
  readonly kinds: Uint8Array;
  readonly bytesAt: Uint32Array;
  readonly lengths: Float64Array;
  /** What `bytesAt` are offsets in. */
  readonly section: Uint8Array;
}

/** A cursor over the signatures of a section. */
export class SignatureWalk implements SurveyedSignature {
  readonly #cursor: QuickCursor;
  readonly #classes: readonly NameClass[];
  readonly #budget: ObjectBudget;
  /** Target type. */
  target = 0;
  /** Kind of the offset of the body: 0 any, 1 start, others are settled later. */
  offsetKind = 0;
  /** Nodes of the body; 0 when it was decoded. */
  nodes = 0;
  /** Set when the body has more than runs and gaps. */
  decoded: ByteSignature | undefined;
  /** Per node: mask form of a run (0 to 3), 4 for a gap with an end, 5 for one without. */
  readonly kinds: Uint8Array = new Uint8Array(maxNodes);
  /** Per node: where the bytes of a run lie, and how many there are; for a gap, 0 and the most bytes it may have. */
  readonly bytesAt: Uint32Array = new Uint32Array(maxNodes);
  readonly lengths: Float64Array = new Float64Array(maxNodes);

  /** `at` is where the first signature begins. */
  constructor(section: Uint8Array, at: number, context: { readonly classes: readonly NameClass[]; readonly budget: ObjectBudget }) {
    this.#cursor = new QuickCursor(section);
    this.#cursor.at = at;
    this.#classes = context.classes;
    this.#budget = context.budget;
  }

  get section(): Uint8Array {
    return this.#cursor.bytes;
  }

  /** Where the next signature begins. */
  get at(): number {
    return this.#cursor.at;
  }

  /** Moves to a place where a signature begins. */
  moveTo(at: number): void {
    this.#cursor.at = at;
  }

  /** Goes on to the next signature. @throws VedetteError `pattern-refused` when it breaks a rule. */
  next(): void {
    const cursor = this.#cursor;
    const start = cursor.at;
    this.decoded = undefined;
    if (!this.#skipHead() || !this.#walkBody() || cursor.isBad || cursor.at > cursor.bytes.length) {
      this.#decodeFrom(start);
    }
  }

  /** False for what has to be decoded to be judged, be it only to say what is wrong with it. */
  #skipHead(): boolean {
    const cursor = this.#cursor;
    const { bytes } = cursor;
    const nameLength = cursor.varint();
    const end = cursor.at + nameLength;
    if (nameLength === 0 || nameLength > maxNameBytes - maxPrefixBytes || end > bytes.length) {
      return false;
    }
    let all = 0;
    for (let i = cursor.at; i < end; i++) {
      all |= bytes[i]!;
    }
    cursor.at = end;
    if (all >= 0x80 || cursor.varint() >= this.#classes.length) {
      return false;
    }
    this.target = cursor.varint();
    return this.target <= 255;
  }

  #walkBody(): boolean {
    const cursor = this.#cursor;
    this.offsetKind = cursor.bytes[cursor.at++]! >> 2;
    if (this.offsetKind > 1) {
      return false;
    }
    if (this.offsetKind === 1) {
      cursor.varint();
      cursor.varint();
    }
    const count = cursor.varint();
    if (count === 0 || count > maxNodes) {
      return false;
    }
    this.nodes = count;
    let bytes = 0;
    let part = 0;
    for (let node = 0; node < count; node++) {
      const added = this.#walkNode(node);
      if (added < 0 || (added === 0 && (part === 0 || node === count - 1))) {
        return false;
      }
      bytes += added;
      part = added === 0 ? 0 : part + added;
    }
    return bytes <= maxBytes && this.#budget.tryTake(count);
  }

  /** @returns bytes of a run, 0 for a gap, -1 for what is not for this walk. */
  #walkNode(node: number): number {
    const cursor = this.#cursor;
    const head = cursor.varint();
    const kind = head & 7;
    const n = head >> 3;
    this.kinds[node] = kind;
    if (kind < kindOfGap) {
      if (n === 0 || n > maxBytes) {
        return -1;
      }
      this.bytesAt[node] = cursor.at;
      this.lengths[node] = n;
      cursor.at += kind < 2 ? n : kind === 2 ? n + ((n + 3) >> 2) : 2 * n;
      return n;
    }
    if (kind > kindOfOpenGap) {
      return -1;
    }
    this.lengths[node] = kind === kindOfGap ? n + cursor.varint() : Number.POSITIVE_INFINITY;
    return 0;
  }

  #decodeFrom(start: number): void {
    const cursor = this.#cursor;
    const reader = new ByteReader(cursor.bytes, 'signatures');
    reader.skip(start);
    this.decoded = readSignature(reader, this.#classes, this.#budget);
    cursor.at = reader.at;
    cursor.isBad = false;
    this.nodes = 0;
    this.target = this.decoded.target;
    const { kind } = this.decoded.offset;
    this.offsetKind = kind === 'any' ? 0 : kind === 'start' ? 1 : 2;
  }
}
