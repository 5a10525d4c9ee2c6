/**
 * A content that is there in one piece, examined at once: the same digests and finds as `examine` brings of the same
 * bytes, without a promise wherever the matcher needs none.
 */
import { isWanted, type Digests } from '../../base/fingerprint.js';
import type { Signal } from '../../base/seams.js';
import type { ByteSource } from '../../base/subject.js';
import type { ReadContent } from '../../cache/scan/scan-memory.js';
import { contentOf, type ExaminePlan } from './examine.js';

/** What is to be done with the bytes. */
export type WholePlan = Pick<ExaminePlan, 'extractor' | 'wants' | 'matcher' | 'allMatches'> & Signal;

/**
 * What reading the content brings; a promise where the matcher reads in it again (executables, mostly). The bytes are
 * the caller's again when this returns.
 */
export function examineWhole(content: Uint8Array, plan: WholePlan): ReadContent | Promise<ReadContent> {
  const digests = digestsOf(content, plan);
  const session = plan.matcher?.open({ allMatches: plan.allMatches, size: content.length });
  if (session === undefined) {
    return contentOf({ digests, scan: undefined });
  }
  if (content.length > 0) {
    session.update(content);
  }
  const source = new HeldSource(content);
  const scan = session.finish(source, { signal: plan.signal });
  if (!('then' in scan)) {
    return contentOf({ digests, scan });
  }
  source.hold();
  return scan.then((outcome) => contentOf({ digests, scan: outcome }));
}

function digestsOf(content: Uint8Array, { extractor, wants }: WholePlan): Digests {
  const size = content.length;
  const wanted = { md5: isWanted(wants.md5, size), sha1: isWanted(wants.sha1, size) };
  if (extractor.whole !== undefined) {
    return extractor.whole(content, wanted);
  }
  const session = extractor.open(wanted);
  session.update(content);
  return session.finish();
}

/** Bytes that belong to somebody else until they are held. */
class HeldSource implements ByteSource {
  readonly size: number;
  #bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.size = bytes.length;
    this.#bytes = bytes;
  }

  hold(): void {
    this.#bytes = new Uint8Array(this.#bytes);
  }

  read(at: number, into: Uint8Array): number {
    const part = this.#bytes.subarray(at, at + into.length);
    into.set(part);
    return part.length;
  }
}
