/**
 * Byte signatures read where they lie: opening checks every byte of the section once and keeps a few bits a signature;
 * an object is made of a signature when somebody asks for it. Anchors that came along are checked in the same walk.
 */
import { ByteReader, plainBytes } from '../bytes/byte-reader.js';
import type { SignatureScout } from '../anchors/quick-anchors.js';
import type { StoredAnchors } from '../anchors/stored-anchors.js';
import { ObjectBudget } from './object-budget.js';
import { blockSize, checkSignatures } from './check-signatures.js';
import { defaultMaxParts, readSignature, readSignaturesHead } from './signature-codec.js';
import type { SignatureDecodeLimits } from './signature-codec.js';
import type { SurveyedSignature } from './signature-walk.js';
import { SignatureWalk } from './signature-walk.js';
import type { ByteSignature } from '../signature.js';

/** Byte signatures by index. */
export interface SignatureStore extends Iterable<ByteSignature> {
  readonly count: number;
  /** A new object each time; its values are views of the section. */
  at(index: number): ByteSignature;
  /** Visits all signatures in order without making them: a walk that stands on one, and goes on when the visit is over. */
  survey(visit: (index: number, walk: SurveyedSignature) => void): void;
  /** The anchors that came along; handed over once, so that nothing holds them beside what is built from them. */
  takeAnchors(): StoredAnchors | undefined;
}

/** What opening may use and how much it reads. */
export interface OpenSignaturesOptions extends SignatureDecodeLimits {
  /** Compiled code that goes ahead of the walk. */
  readonly scout?: SignatureScout | undefined;
}

/**
 * Opens the sections `signatures` and, where there is one, `anchors`. The bytes are kept and not to be changed.
 * @throws VedetteError `pattern-refused`, `detail.cause`: truncated, version, limit, malformed.
 */
export function openSignatures(bytes: Uint8Array, anchors?: Uint8Array, options: OpenSignaturesOptions = {}): SignatureStore {
  // untrusted: a digest over the section says that it is whole, not that its author meant well
  const section = plainBytes(bytes);
  const reader = new ByteReader(section, 'signatures');
  const { classes, count } = readSignaturesHead(reader, options);
  const checked = checkSignatures({ section, at: reader.at, classes, count, anchors: anchors === undefined ? undefined : plainBytes(anchors) }, options);
  const { starts } = checked;
  let taken = checked.anchors;
  let made: SignatureWalk | undefined;
  // The section is proven by now: what a walk passes over is not counted again.
  const walkFrom = (at: number): SignatureWalk => {
    made ??= new SignatureWalk(section, at, { classes, budget: new ObjectBudget(Number.POSITIVE_INFINITY) });
    made.moveTo(at);
    return made;
  };
  const at = (index: number): ByteSignature => {
    const before = walkFrom(starts[Math.floor(index / blockSize)]!);
    for (let left = index % blockSize; left > 0; left--) {
      before.next();
    }
    const one = new ByteReader(section, 'signatures');
    one.skip(before.at);
    return readSignature(one, classes, new ObjectBudget(defaultMaxParts));
  };
  return {
    count,
    at,
    survey(visit) {
      const walk = walkFrom(count === 0 ? 0 : starts[0]!);
      for (let index = 0; index < count; index++) {
        walk.next();
        visit(index, walk);
      }
    },
    *[Symbol.iterator]() {
      for (let i = 0; i < count; i++) {
        yield at(i);
      }
    },
    takeAnchors() {
      const once = taken;
      taken = undefined;
      return once;
    },
  };
}
