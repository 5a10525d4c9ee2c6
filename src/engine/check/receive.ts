/** Judges a stream while its bytes arrive: the matcher and the digests see each chunk as it comes. */
import { throwIfAborted, VedetteError } from '../../base/errors.js';
import { linkSignals } from '../../base/link-signals.js';
import { isWanted } from '../../base/fingerprint.js';
import type { CheckResult } from '../../base/check-result.js';
import type { ByteSource, SubjectInfo } from '../../base/subject.js';
import type { DigestSession } from '../../fingerprint/extractor.js';
import type { ScanOutcome, ScanSession } from '../../scan/matcher.js';
import { checkOne, type CheckBy } from './check.js';
import type { PatternView } from '../family/patterns.js';
import { contentFacts } from '../story/examine.js';
import type { Examined } from '../story/facts.js';
import type { ReceiveOptions, Receiver } from '../checker.js';

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
  const link = linkSignals([aborted.signal, core.closing, member.closing, options.signal]);
  const ending = link.signal;
  let state: 'open' | 'ended' = 'open';
  let chunks: Uint8Array[] = [];
  let kept = 0;
  let length = 0;
  let overLimit = false;
  let begun: Begun | undefined;
  // Whoever goes away may never call again: what is held for him is given back at once.
  ending.addEventListener('abort', letGo, { once: true });

  async function begin(): Promise<Begun> {
    await core.settledReady();
    throwIfAborted(ending);
    begun ??= beginBy(core.patterns.view(core.newestGeneration()), options.allMatches === true);
    return begun;
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
  }

  function letGo(): void {
    memory.held -= kept;
    kept = 0;
    chunks = [];
  }

  function throwIfOver(): void {
    throwIfAborted(ending);
    if (state === 'ended') {
      throw new VedetteError('closed', 'the receiver was ended before');
    }
  }

  /** The matcher is the host's where it brings one: if it fails, the digests are still good for a question. */
  function scan(from: Begun, work: () => void): void {
    try {
      work();
    } catch (error) {
      from.session = undefined;
      from.failed = true;
      core.events.emit({ kind: 'fault', where: 'matcher', error });
    }
  }

  async function outcomeOf(from: Begun, signal: AbortSignal): Promise<ScanOutcome | undefined> {
    if (overLimit) {
      return { findings: [], incomplete: 'limit' };
    }
    try {
      return await from.session?.finish(chunkSource(chunks, kept), { signal });
    } catch (error) {
      throwIfAborted(signal);
      from.failed = true;
      core.events.emit({ kind: 'fault', where: 'matcher', error });
      return undefined;
    }
  }

  async function examine(from: Begun, signal: AbortSignal): Promise<Examined> {
    const scan = await outcomeOf(from, signal);
    const facts = contentFacts('file', { digests: from.digests.finish(), size: length, scan });
    return from.failed && facts.kind === 'file' ? { ...facts, doubt: 'internal' } : facts;
  }

  return {
    async write(chunk) {
      throwIfOver();
      const to = await begin();
      to.digests.update(chunk);
      length += chunk.length;
      keep(chunk);
      if (!overLimit) {
        scan(to, () => to.session?.update(chunk));
      }
    },
    async end(checkOptions = {}): Promise<CheckResult> {
      throwIfOver();
      state = 'ended';
      const call = linkSignals([ending, checkOptions.signal]);
      const { signal } = call;
      try {
        const from = await begin();
        const received = { view: from.view, examine: (reading: AbortSignal) => examine(from, reading) };
        // The bytes are here as long as this call lasts: a second look, if one is needed, reads the same.
        const open = (): ByteSource => (overLimit ? gone() : chunkSource(chunks, kept));
        const subject = { ...info, kind: 'file' as const, open };
        return await checkOne(by, subject, { options: { ...checkOptions, allMatches: options.allMatches, signal }, received });
      } finally {
        call.unlink();
        link.unlink();
        letGo();
      }
    },
    abort() {
      aborted.abort();
    },
  };
}

/** What the bytes go to, all of one view of the patterns. */
interface Begun {
  readonly view: PatternView;
  readonly digests: DigestSession;
  session: ScanSession | undefined;
  /** The matcher threw: nothing found means nothing. */
  failed: boolean;
}

function beginBy(view: PatternView, allMatches: boolean): Begun {
  const digests = view.extractor.open({ md5: isWanted(view.wants.md5, undefined), sha1: isWanted(view.wants.sha1, undefined) });
  return { view, digests, session: view.local?.matcher.open({ allMatches }), failed: false };
}

/** The bytes were too many to be kept: nobody may take what is left of them for the content. */
function gone(): never {
  throw new VedetteError('unsupported', 'the bytes of this stream were not kept');
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
