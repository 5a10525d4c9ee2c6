/**
 * Checks the signatures of a section one after the other, without making anything of them: a hundred thousand in a few
 * milliseconds. What it knows of the body it stands on is overwritten by the next one.
 *
 * Bodies of runs and gaps, nearly all there are, are checked here; the others are decoded and asked `signatureFault`.
 * A property test says that it accepts what the clear decoder accepts.
 */
import type { ByteReader } from '../bytes/byte-reader.js';
import { readSignature } from './signature-codec.js';
import type { ObjectBudget } from './object-budget.js';
import { signatureLimits } from './signature-shape.js';
import type { ThreatClass } from './threat-classes.js';
import type { ByteSignature } from '../signature.js';

const { maxBytes, maxNodes, maxDistance, maxNameBytes } = signatureLimits;
const kindOfGap = 4;
const kindOfOpenGap = 5;

/** A cursor over the signatures of a section. */
export class SignatureWalk {
  readonly #section: Uint8Array;
  readonly #reader: ByteReader;
  readonly #classes: readonly ThreatClass[];
  readonly #budget: ObjectBudget;
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

  constructor(section: Uint8Array, reader: ByteReader, context: { readonly classes: readonly ThreatClass[]; readonly budget: ObjectBudget }) {
    this.#section = section;
    this.#reader = reader;
    this.#classes = context.classes;
    this.#budget = context.budget;
  }

  /** Goes on to the next signature. @throws VedetteError `pattern-refused` when it breaks a rule. */
  next(): void {
    const start = this.#reader.at;
    this.decoded = undefined;
    if (!this.#skipHead() || !this.#walkBody()) {
      this.#decodeFrom(start);
    }
  }

  /** False for what has to be decoded to be judged, be it only to say what is wrong with it. */
  #skipHead(): boolean {
    const reader = this.#reader;
    const nameLength = reader.varint();
    if (nameLength === 0 || nameLength > maxNameBytes || nameLength > reader.left) {
      return false;
    }
    const from = reader.at;
    reader.skip(nameLength);
    for (let i = from; i < from + nameLength; i++) {
      if (this.#section[i]! >= 0x80) {
        return false;
      }
    }
    return reader.varint() < this.#classes.length && reader.varint() <= 255;
  }

  #walkBody(): boolean {
    const reader = this.#reader;
    this.offsetKind = reader.u8() >> 2;
    if (this.offsetKind > 1) {
      return false;
    }
    if (this.offsetKind === 1 && (reader.varint() > maxDistance || reader.varint() > maxDistance)) {
      return false;
    }
    const count = reader.varint();
    if (count === 0 || count > maxNodes) {
      return false;
    }
    this.nodes = this.#budget.take(reader, count);
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
    return bytes <= maxBytes;
  }

  /** @returns bytes of a run, 0 for a gap, -1 for what is not for this walk. */
  #walkNode(node: number): number {
    const reader = this.#reader;
    const head = reader.varint();
    const kind = head % 8;
    const n = Math.floor(head / 8);
    this.kinds[node] = kind;
    if (kind < kindOfGap) {
      if (n === 0 || n > maxBytes) {
        return -1;
      }
      this.bytesAt[node] = reader.at;
      this.lengths[node] = n;
      reader.skip(kind < 2 ? n : kind === 2 ? n + Math.ceil(n / 4) : 2 * n);
      return n;
    }
    if (kind > kindOfOpenGap) {
      return -1;
    }
    const most = kind === kindOfGap ? n + reader.varint() : n;
    this.lengths[node] = kind === kindOfGap ? most : Number.POSITIVE_INFINITY;
    return most > maxDistance ? -1 : 0;
  }

  #decodeFrom(start: number): void {
    this.#reader.rewindTo(start);
    this.decoded = readSignature(this.#reader, this.#classes, this.#budget);
    this.nodes = 0;
    this.offsetKind = this.decoded.offset.kind === 'any' ? 0 : this.decoded.offset.kind === 'start' ? 1 : 2;
  }
}
