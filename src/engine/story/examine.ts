/**
 * Opens a subject once and reads it once: every chunk goes to the matcher session and to the digests. The identity of
 * the object is compared before and after on the same descriptor (DESIGN rule 6).
 */
import { describeError, throwIfAborted, VedetteError } from '../../base/errors.js';
import { isWanted, type Digests, type Fingerprint, type HashAlgorithm, type UrlFingerprint, type Wants } from '../../base/fingerprint.js';
import { identityText, type ByteSource, type FileSubject, type Subject } from '../../base/subject.js';
import type { Reason } from '../../base/verdict.js';
import type { ReadContent } from '../../cache/scan/scan-memory.js';
import type { FingerprintExtractor } from '../../fingerprint/extractor.js';
import type { Matcher, ScanOutcome } from '../../scan/matcher.js';
import type { Examined } from './facts.js';
import type { Looked } from './recall.js';

/** What is to be done with the bytes. */
export interface ExaminePlan {
  readonly extractor: FingerprintExtractor;
  readonly wants: Wants;
  /** Absent when the byte signatures are not to be run, or there are none. */
  readonly matcher: Matcher | undefined;
  readonly allMatches: boolean;
  readonly maxFileBytes: number;
  /** How the file looked before it was opened, where what is read may be kept. */
  readonly looked?: Looked | undefined;
  readonly signal: AbortSignal;
}

const chunkBytes = 256 * 1024;

/** Never rejects except with `aborted`: what cannot be read comes back as `failed`. */
export async function examine(subject: Subject, plan: ExaminePlan): Promise<Examined> {
  switch (subject.kind) {
    case 'url':
      return examineUrl(subject.url, plan.extractor);
    case 'digest':
      return contentFacts('digest', { digests: { sha256: subject.sha256 }, size: subject.size });
    case 'file':
      return examineFile(subject, plan);
  }
}

/** A URL is only taken apart: nothing is fetched or resolved. */
export function examineUrl(url: string, extractor: FingerprintExtractor): Examined {
  const taken = extractor.url(url);
  if (taken.kind === 'not-a-url') {
    return { kind: 'failed', reason: 'unsupported', detail: taken.reason };
  }
  return {
    kind: 'url',
    canonical: taken.canonical,
    expressions: taken.expressions,
    fingerprints: taken.expressions.map((_, index) => new UrlExpression(taken, index)),
  };
}

/** One expression; its hash is read when somebody needs it: a filter that knows the listed hosts does not. */
class UrlExpression implements Fingerprint {
  readonly kind = 'url';
  readonly algorithm = 'sha256';
  readonly expression: string;
  readonly #taken: Extract<UrlFingerprint, { kind: 'url' }>;
  readonly #index: number;

  constructor(taken: Extract<UrlFingerprint, { kind: 'url' }>, index: number) {
    this.expression = taken.expressions[index]!;
    this.#taken = taken;
    this.#index = index;
  }

  get hash(): Uint8Array {
    return this.#taken.hashes[this.#index]!;
  }
}

/** What byte signatures said of a content. */
interface ContentScan {
  readonly findings: ScanOutcome['findings'];
  readonly incomplete?: Reason | undefined;
}

/** What is known of a content once it was read to its end. */
export function contentFacts(
  kind: 'file' | 'digest',
  content: { readonly digests: Digests; readonly size: number | undefined; readonly scan?: ContentScan | undefined },
): Exclude<Examined, { kind: 'url' | 'failed' }> {
  const { digests, size, scan } = content;
  const sized = size === undefined ? {} : { size };
  return {
    kind,
    sha256: digests.sha256,
    ...sized,
    fingerprints: fileFingerprints(digests, size),
    threats: scan?.findings.map((finding) => finding.threat) ?? [],
    ...(scan?.incomplete === undefined ? {} : { doubt: scan.incomplete }),
  };
}

/** The fingerprints of a content: SHA-256 first. */
export function fileFingerprints(digests: Digests, size: number | undefined): Fingerprint[] {
  const fingerprints = [fingerprintOf('sha256', digests.sha256, size)];
  if (digests.sha1 !== undefined) {
    fingerprints.push(fingerprintOf('sha1', digests.sha1, size));
  }
  if (digests.md5 !== undefined) {
    fingerprints.push(fingerprintOf('md5', digests.md5, size));
  }
  return fingerprints;
}

function fingerprintOf(algorithm: HashAlgorithm, hash: Uint8Array, size: number | undefined): Fingerprint {
  return size === undefined ? { kind: 'file', algorithm, hash } : { kind: 'file', algorithm, hash, size };
}

async function examineFile(subject: FileSubject, plan: ExaminePlan): Promise<Examined> {
  try {
    // A file that is written to while it is read gets one more chance.
    const first = await readOnce(subject, plan);
    return first.kind === 'failed' && first.reason === 'changed' ? await readOnce(subject, plan) : first;
  } catch (error) {
    throwIfAborted(plan.signal);
    return unreadFile(error);
  }
}

/** What is known of a file that could not be read. */
export function unreadFile(error: unknown): Extract<Examined, { kind: 'failed' }> {
  return { kind: 'failed', reason: readFailure(error), detail: describeError(error) };
}

async function readOnce(subject: FileSubject, plan: ExaminePlan): Promise<Examined> {
  throwIfAborted(plan.signal);
  const source = await subject.open({ signal: plan.signal });
  try {
    const before = await source.identity?.();
    const { size } = source;
    const digests = plan.extractor.open({
      md5: isWanted(plan.wants.md5, size),
      sha1: isWanted(plan.wants.sha1, size),
    });
    const session = plan.matcher?.open({ allMatches: plan.allMatches, ...(size === undefined ? {} : { size }) });
    const length = await readThrough(source, plan, (chunk, at) => {
      digests.update(chunk);
      if (at < plan.maxFileBytes) {
        session?.update(at + chunk.length > plan.maxFileBytes ? chunk.subarray(0, plan.maxFileBytes - at) : chunk);
      }
    });
    const outcome = await session?.finish(limited(source, plan.maxFileBytes, length), { signal: plan.signal });
    const after = await source.identity?.();
    if (before !== after || (size !== undefined && size !== length)) {
      return { kind: 'failed', reason: 'changed', detail: 'the object was written to while it was read' };
    }
    const scan = withLimit(outcome, length > plan.maxFileBytes);
    const read = { digests: digests.finish(), size: length, scan };
    const { looked } = plan;
    if (looked === undefined || before !== identityText(looked.glance.identity)) {
      return contentFacts('file', read);
    }
    looked.keep(contentOf(read));
    return { ...contentFacts('file', read), seen: looked.glance };
  } finally {
    await source.close?.();
  }
}

/** What is kept of a content that was read. */
export function contentOf({ digests, scan }: { readonly digests: Digests; readonly scan: ScanOutcome | undefined }): ReadContent {
  return { digests, threats: scan?.findings.map((finding) => finding.threat) ?? [], doubt: scan?.incomplete };
}

/** Feeds every byte to `take`, in order. @returns the number of bytes. */
async function readThrough(
  source: ByteSource,
  plan: ExaminePlan,
  take: (chunk: Uint8Array, at: number) => void,
): Promise<number> {
  const buffer = new Uint8Array(Math.min(chunkBytes, Math.max(1, (source.size ?? chunkBytes) + 1)));
  // An object that goes on past its size has changed; reading on for ever would be a gift to whoever writes to it.
  const most = source.size === undefined ? Number.MAX_SAFE_INTEGER : source.size + 1;
  for (let at = 0; ; ) {
    throwIfAborted(plan.signal);
    const reading = source.read(at, buffer, { signal: plan.signal });
    const count = typeof reading === 'number' ? reading : await reading;
    if (!Number.isInteger(count) || count < 0 || count > buffer.length) {
      throw new VedetteError('unsupported', `a byte source returned ${count} for a read of ${buffer.length} bytes`);
    }
    if (count === 0 || at >= most) {
      return at;
    }
    take(buffer.subarray(0, count), at);
    at += count;
  }
}

/** The same source, ended at the limit: a signature must not match on bytes that its session never saw. */
function limited(source: ByteSource, maxBytes: number, length: number): ByteSource {
  const size = Math.min(length, maxBytes);
  return {
    size,
    read: (at, into, options) =>
      at >= size ? 0 : source.read(at, at + into.length > size ? into.subarray(0, size - at) : into, options),
  };
}

function withLimit(outcome: ScanOutcome | undefined, limitHit: boolean): ScanOutcome | undefined {
  return outcome === undefined || !limitHit ? outcome : { ...outcome, incomplete: outcome.incomplete ?? 'limit' };
}

/** Why an object could not be opened or read. */
export function readFailure(error: unknown): Reason {
  if (typeof error === 'object' && error !== null && 'code' in error) {
    if (error.code === 'ENOENT') {
      return 'gone';
    }
    if (error.code === 'unsupported') {
      return 'unsupported';
    }
  }
  return 'unreadable';
}
