/**
 * Files that come in batches, each with the look that was taken at it: a stream of subjects may hand them over that way
 * to an engine that knows most of them by sight. One promise for a few hundred files instead of one for each.
 */
import type { Signal } from './seams.js';
import type { FileGlance, FileSubject, SubjectInfo } from './subject.js';

/** A file that was found, and is not a subject yet. */
export interface FoundFile {
  /** The subject as results have it. A new object at every call, for an engine to hand on as it is. */
  info(): SubjectInfo & { readonly kind: 'file' };
  readonly glance: FileGlance | undefined;
  subject(): FileSubject;
}

/** The method of a stream that can do it. Registered, so that two copies of the library understand each other. */
export const inBatches: unique symbol = Symbol.for('vedette.in-batches') as never;

/** A stream of files that can be had in batches instead of one by one: the same files in the same order. */
export interface BatchedFiles extends AsyncIterable<FileSubject> {
  [inBatches](options: Signal): AsyncGenerator<readonly FoundFile[], void, undefined>;
}

/** Whether a stream of subjects can be had in batches. */
export function comesInBatches(subjects: object): subjects is BatchedFiles {
  return inBatches in subjects && typeof subjects[inBatches] === 'function';
}
