/**
 * Byte signatures read where they lie: opening checks every byte of the section once and keeps four bytes a signature;
 * an object is made of a signature when somebody asks for it. Anchors that came along are checked in the same walk.
 */
import { ByteReader, plainBytes } from '../bytes/byte-reader.js';
import { AnchorWalk } from '../anchors/anchor-walk.js';
import type { StoredAnchors } from '../anchors/stored-anchors.js';
import { ObjectBudget } from './object-budget.js';
import { defaultMaxParts, readSignature, readSignaturesHead } from './signature-codec.js';
import type { SignatureDecodeLimits } from './signature-codec.js';
import { SignatureWalk } from './signature-walk.js';
import type { ByteSignature } from '../signature.js';

/** Byte signatures by index. */
export interface SignatureStore extends Iterable<ByteSignature> {
  readonly count: number;
  /** A new object each time; its values are views of the section. */
  at(index: number): ByteSignature;
  /** The anchors that came along; handed over once, so that nothing holds them beside what is built from them. */
  takeAnchors(): StoredAnchors | undefined;
}

/**
 * Opens the sections `signatures` and, where there is one, `anchors`. The bytes are kept and not to be changed.
 * @throws VedetteError `pattern-refused`, `detail.cause`: truncated, version, limit, malformed.
 */
export function openSignatures(bytes: Uint8Array, anchors?: Uint8Array, limits: SignatureDecodeLimits = {}): SignatureStore {
  // untrusted: a digest over the section says that it is whole, not that its author meant well
  const section = plainBytes(bytes);
  const reader = new ByteReader(section, 'signatures');
  const { classes, count } = readSignaturesHead(reader, limits);
  const budget = new ObjectBudget(limits.maxParts ?? defaultMaxParts);
  const starts = new Uint32Array(count);
  const walk = new SignatureWalk(section, reader, { classes, budget });
  const anchorWalk = anchors === undefined ? undefined : new AnchorWalk(plainBytes(anchors), section);
  for (let i = 0; i < count; i++) {
    starts[i] = reader.at;
    walk.next();
    anchorWalk?.next(i, walk);
  }
  reader.end();
  let taken = anchorWalk?.finish();
  const at = (index: number): ByteSignature => {
    const one = new ByteReader(section.subarray(starts[index]), 'signatures');
    return readSignature(one, classes, new ObjectBudget(defaultMaxParts));
  };
  return {
    count,
    at,
    *[Symbol.iterator]() {
      for (let i = 0; i < count; i++) {
        yield at(i);
      }
    },
    takeAnchors() {
      const anchors = taken;
      taken = undefined;
      return anchors;
    },
  };
}
