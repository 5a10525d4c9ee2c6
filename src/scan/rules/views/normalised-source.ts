/**
 * A normalised view read again, for the little that is told only at its end: it is made once more from the content when
 * somebody asks, so that the pass itself keeps nothing.
 */
import { concatBytes } from '../../../base/bytes.js';
import type { Signal } from '../../../base/seams.js';
import type { ByteSource } from '../../../base/subject.js';
import { createNormaliser } from '../../content/create-normaliser.js';
import type { ScanPlan } from '../../content/file-type.js';
import type { NormalisedView, Normaliser } from '../../content/normalise.js';
import { ViewBytes } from './view-bytes.js';

/** Bytes read at once. */
const readBytes = 65_536;

/** What a view is made from. */
export interface NormalisedContent {
  /** The raw content, and its size. */
  readonly source: ByteSource;
  readonly size: number;
  readonly plan: ScanPlan;
  readonly view: NormalisedView;
}

/** Feeds a whole content to a normaliser, and ends it. @throws whatever reading throws. */
export async function normalise(normaliser: Normaliser, content: { readonly source: ByteSource; readonly size: number }, options: Signal): Promise<void> {
  const bytes = new ViewBytes(content.size, content.source, options);
  for (let at = 0; at < content.size; at += readBytes) {
    const part = await bytes.read(at, readBytes);
    if (part.length === 0) {
      break;
    }
    normaliser.push(part);
  }
  normaliser.finish();
}

/** The bytes of a view. Memory, once it was read: the view. */
export function normalisedSource(content: NormalisedContent): ByteSource {
  let made: Promise<Uint8Array> | undefined;
  return {
    async read(at, into, options) {
      const bytes = await (made ??= viewOf(content, options));
      const part = bytes.subarray(at, at + into.length);
      into.set(part);
      return part.length;
    },
  };
}

async function viewOf(content: NormalisedContent, options: Signal): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const normaliser = createNormaliser(content.plan, (view, bytes) => {
    if (view === content.view) {
      parts.push(bytes.slice());
    }
  });
  if (normaliser !== undefined) {
    await normalise(normaliser, content, options);
  }
  return concatBytes(parts);
}
