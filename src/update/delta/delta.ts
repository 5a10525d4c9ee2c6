/**
 * Deltas between generations of a component (docs/updates.md, "Delta"): the words. `makeDelta` writes one, `applyDelta`
 * turns the old file into the new one byte for byte, `readDelta` tells what changes to a store that keeps records
 * instead of files.
 */
import type { FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import type { Crypto } from '../../base/seams.js';
import type { ComponentKind, ContainerHead } from '../../pattern/container.js';
import type { HashEntry } from '../../pattern/hash-entry.js';

/** How much is read and made. Each limit is the largest value that passes. */
export interface DeltaLimits {
  /** The delta itself, and the file that comes out of it: pass the signed length where it is known. Default 1 GiB. */
  readonly maxBytes?: number | undefined;
}

/** What working with deltas needs. */
export interface DeltaOptions {
  readonly crypto: Pick<Crypto, 'sha256'>;
  readonly limits?: DeltaLimits | undefined;
}

/** What a delta says about itself. */
export interface DeltaHead {
  readonly kind: ComponentKind;
  /** Generation of the file that it is applied to. */
  readonly from: number;
  /** `contentId` of that file. */
  readonly base: string;
  /** Of the file that comes out. */
  readonly head: ContainerHead;
  /** `contentId` of the file that comes out. */
  readonly result: string;
  /** Bytes of the file that comes out. */
  readonly byteLength: number;
  /** Whose signature that file carries (16 hex digits). */
  readonly keyId?: string;
}

/** The changes that a delta makes. Views of its bytes: they are not to be changed. */
export interface DeltaChanges extends DeltaHead {
  /** Sections of the result, sorted by name. What is not here is gone. */
  readonly sections: readonly SectionChange[];
}

/** What becomes of one section. `bytes`: known only together with the base. */
export type SectionChange =
  | { readonly kind: 'same' | 'bytes'; readonly name: string }
  | { readonly kind: 'raw'; readonly name: string; readonly section: Uint8Array }
  | { readonly kind: 'prefixes'; readonly name: string; readonly removed: Uint32Array; readonly added: Uint32Array }
  | { readonly kind: 'table'; readonly name: string; readonly groups: readonly GroupChange[] };

/**
 * What becomes of the rows of one kind and algorithm in a hash table. Where one row of a hash changes, all rows of that hash
 * are among the removed ones and those it has from now on among the added ones.
 */
export interface GroupChange {
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  /** The group is no more: all its rows are gone, and `removed` does not list them. */
  readonly gone: boolean;
  /** Indices into the rows of the base, ascending. */
  readonly removed: Uint32Array;
  /** The full hash of removed row number `index` of `removed`: a view. */
  removedHash(index: number): Uint8Array;
  /** How many rows are added. */
  readonly addedCount: number;
  /** Added rows in the order of the table, made one by one. */
  added(): Iterable<HashEntry>;
}
