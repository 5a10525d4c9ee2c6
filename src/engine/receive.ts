/** Judges a stream while its bytes arrive: the matcher and the digests see each chunk as it comes. */
import { abortedError, VedetteError } from '../base/errors.js';
import { isWanted } from '../base/fingerprint.js';
import type { CheckResult } from '../base/check-result.js';
import type { ByteSource, SubjectInfo } from '../base/subject.js';
import type { DigestSession } from '../fingerprint/extractor.js';
import type { ScanOutcome, ScanSession } from '../scan/matcher.js';
import { checkOne, type CheckBy } from './check/check.js';
import { contentFacts } from './story/examine.js';
import type { Examined } from './story/facts.js';
import type { ReceiveOptions, Receiver } from './checker.js';

/** Bytes that all receivers of a family hold together. */
export interface HeldBytes {
  held: number;
}

const defaultMaxBytes = 64 * 1024 * 1024;

/** A receiver. Bytes are kept for the matcher's random access until the limit; from there on only digests go on. */
export function createReceiver(
  by: CheckBy,
  info: SubjectInfo,
  options: ReceiveOptions & { readonly memory: HeldBytes },
): Receiver {
  const { core, member } = by;
  const { memory } = options;
  const maxBytes = options.maxBytes ?? defaultMaxBytes;
  const aborted = new AbortController();
  let chunks: Uint8Array[] = [];
  let kept = 0;
  let length = 0;
  let overLimit = false;
  let digests: DigestSession | undefined;
  let session: ScanSession | undefined;
  let opened = false;

  async function open(): Promise<void> {
    await core.settledReady();
    if (opened) {
      return;
    }
    opened = true;
    const view = core.patterns.view(core.newestGeneration());
    digests = view.extractor.open({ md5: isWanted(view.wants.md5, undefined), sha1: isWanted(view.wants.sha1, undefined) });
    session = view.local?.matcher.open({ allMatches: options.allMatches === true });
  }

  function keep(chunk: Uint8Array): void {
    if (overLimit) {
      return;
    }
    const room = memory.held + chunk.length <= member.limits.maxBytesInFlight;
    if (kept + chunk.length > maxBytes || !room) {
      overLimit = true;
      letGo();
      return;
    }
    chunks.push(chunk);
    kept += chunk.length;
    memory.held += chunk.length;
    session?.update(chunk);
  }

  function letGo(): void {
    memory.held -= kept;
    kept = 0;
    chunks = [];
  }

  function throwIfOver(): void {
    if (aborted.signal.aborted) {
      throw abortedError(aborted.signal);
    }
    if (options.signal?.aborted === true) {
      letGo();
      throw abortedError(options.signal);
    }
  }

  async function examined(signal: AbortSignal): Promise<Examined> {
    const incomplete: ScanOutcome = { findings: [], incomplete: 'limit' };
    const outcome = overLimit ? incomplete : await session?.finish(chunkSource(chunks, kept), { signal });
    if (digests === undefined) {
      throw new VedetteError('closed', 'the receiver was ended twice');
    }
    const facts = contentFacts('file', digests.finish(), length, outcome);
    digests = undefined;
    return facts;
  }

  return {
    async write(chunk) {
      throwIfOver();
      await open();
      digests?.update(chunk);
      length += chunk.length;
      keep(chunk);
    },
    async end(checkOptions = {}): Promise<CheckResult> {
      throwIfOver();
      await open();
      const signal = checkOptions.signal ?? options.signal;
      try {
        const received = await examined(signal ?? aborted.signal);
        // The bytes are here as long as this call lasts: a second look, if one is needed, reads the same.
        const subject = { ...info, kind: 'file' as const, open: () => chunkSource(chunks, kept) };
        return await checkOne(by, subject, { options: { ...checkOptions, allMatches: options.allMatches, signal }, received });
      } finally {
        letGo();
      }
    },
    abort() {
      aborted.abort();
      letGo();
    },
  };
}

/** Random access over chunks that stand in memory one after the other. */
function chunkSource(chunks: readonly Uint8Array[], size: number): ByteSource {
  const starts: number[] = [];
  let at = 0;
  for (const chunk of chunks) {
    starts.push(at);
    at += chunk.length;
  }
  return {
    size,
    read(offset, into) {
      let index = lastAtOrBefore(starts, offset);
      let written = 0;
      while (written < into.length && index >= 0 && index < chunks.length) {
        const chunk = chunks[index] ?? new Uint8Array();
        const from = offset + written - (starts[index] ?? 0);
        const part = chunk.subarray(from, from + into.length - written);
        into.set(part, written);
        written += part.length;
        index++;
      }
      return written;
    },
  };
}

function lastAtOrBefore(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >>> 1;
    if ((starts[middle] ?? 0) <= offset) {
      low = middle;
    } else {
      high = middle - 1;
    }
  }
  return starts.length === 0 ? -1 : low;
}
