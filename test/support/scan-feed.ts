/** Feeds a matcher session as hosts do: in chunks of any size, with sources that are short or slow. */
import type { ByteSource } from '../../src/base/subject.js';
import { bytesSource } from '../../src/base/subject.js';
import type { Matcher, ScanOutcome } from '../../src/scan/matcher.js';

export interface FeedOptions {
  /** Sizes of the chunks, repeated; the whole at once when absent. */
  readonly chunks?: readonly number[];
  /** Default true. */
  readonly allMatches?: boolean;
  /** What the session is told about the size; nothing by default. */
  readonly size?: number;
  readonly source?: ByteSource;
  readonly signal?: AbortSignal;
}

/** What the matcher says about these bytes. */
export async function scan(matcher: Matcher, bytes: Uint8Array, options: FeedOptions = {}): Promise<ScanOutcome> {
  const session = matcher.open({ allMatches: options.allMatches ?? true, ...(options.size === undefined ? {} : { size: options.size }) });
  const sizes = options.chunks ?? [Math.max(1, bytes.length)];
  for (let at = 0, i = 0; at < bytes.length; i++) {
    const size = Math.max(1, sizes[i % sizes.length]!);
    const chunk = Uint8Array.from(bytes.subarray(at, at + size));
    session.update(chunk);
    // Chunks are the caller's again: a matcher that kept one will now read rubbish.
    chunk.fill(0xee);
    at += size;
  }
  return session.finish(options.source ?? bytesSource(bytes), { signal: options.signal });
}

/** Names, sorted and unique. */
export function namesOf(outcome: ScanOutcome): string[] {
  return [...new Set(outcome.findings.map((finding) => finding.threat.name))].sort();
}

/** A source whose reads are shorter than asked for, every other one a promise. */
export function awkwardSource(bytes: Uint8Array, atMost: number): ByteSource {
  let calls = 0;
  return {
    read(at, into) {
      const part = bytes.subarray(at, at + Math.min(atMost, into.length));
      into.set(part);
      return calls++ % 2 === 0 ? part.length : Promise.resolve(part.length);
    },
  };
}
