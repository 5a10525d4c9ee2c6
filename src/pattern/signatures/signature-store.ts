/**
 * Byte signatures read where they lie: opening checks every byte of the section once and keeps a few bits a signature;
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

/** Signatures of which one has its place remembered: the others are walked to from there. */
const blockSize = 16;

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
  const starts = new Uint32Array(Math.ceil(count / blockSize));
  const walk = new SignatureWalk(section, reader.at, { classes, budget });
  const anchorWalk = anchors === undefined ? undefined : new AnchorWalk(plainBytes(anchors), section, count);
  for (let i = 0; i < count; i++) {
    if (i % blockSize === 0) {
      starts[i / blockSize] = walk.at;
    }
    walk.next();
    anchorWalk?.next(i, walk);
  }
  reader.skip(walk.at - reader.at);
  reader.end();
  let taken = anchorWalk?.finish();
  const at = (index: number): ByteSignature => {
    const context = { classes, budget: new ObjectBudget(defaultMaxParts) };
    const before = new SignatureWalk(section, starts[Math.floor(index / blockSize)]!, context);
    for (let left = index % blockSize; left > 0; left--) {
      before.next();
    }
    const one = new ByteReader(section, 'signatures');
    one.skip(before.at);
    return readSignature(one, classes, context.budget);
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
