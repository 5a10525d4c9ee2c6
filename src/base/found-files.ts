/**
 * Files that come in batches: a stream of subjects may hand them over that way to an engine that knows most of them by
 * sight, or judges them as soon as it has read them. One promise for some dozens of files instead of several for each.
 */
import type { Signal } from './seams.js';
import type { FileGlance, FileSubject, SubjectInfo } from './subject.js';

/** A file that was found, and is not a subject yet. */
export interface FoundFile {
  /** The subject as results have it. A new object at every call, for an engine to hand on as it is. */
  info(): SubjectInfo & { readonly kind: 'file' };
  readonly glance: FileGlance | undefined;
  /** `placeHash` of its label and locator, where that is known without making either. */
  readonly placeHash?: number | undefined;
  /**
   * The whole content of a small file, read on the calling thread. The file was in one and the same state before and
   * after, that of `glance` where there is one. The bytes hold until the next call of any file of the stream. Undefined
   * for whatever is not as plain as that, or takes too long: it is for `subject` to tell more.
   */
  content?(): Uint8Array | undefined;
  subject(): FileSubject;
}

/** How batches are wanted. */
export interface BatchOptions extends Signal {
  /** False: nobody keeps what files were, so no look at them need be taken. */
  readonly glances?: boolean | undefined;
}

/** Beginning of a hash of text. */
export const textHashSeed: number = 0x811c9dc5 | 0;

/** The hash of a longer text from that of its beginning (FNV-1a over UTF-16 units, 32 bits): directories are hashed once. */
export function extendTextHash(hash: number, text: string): number {
  let extending = hash;
  for (let i = 0; i < text.length; i++) {
    extending = Math.imul(extending ^ text.charCodeAt(i), 0x01000193);
  }
  return extending;
}

/** One number for the place of a subject from the hashes of its locator and of its label. */
export function placeHash(ofLocator: number, ofLabel: number): number {
  return ofLocator === ofLabel ? ofLocator : Math.imul(ofLocator, 0x01000193) ^ ofLabel;
}

/** The method of a stream that can do it. Registered, so that two copies of the library understand each other. */
export const inBatches: unique symbol = Symbol.for('vedette.in-batches') as never;

/** A stream of files that can be had in batches instead of one by one: the same files in the same order. */
export interface BatchedFiles extends AsyncIterable<FileSubject> {
  [inBatches](options: BatchOptions): AsyncGenerator<readonly FoundFile[], void, undefined>;
}

/** Whether a stream of subjects can be had in batches. */
export function comesInBatches(subjects: object): subjects is BatchedFiles {
  return inBatches in subjects && typeof subjects[inBatches] === 'function';
}
