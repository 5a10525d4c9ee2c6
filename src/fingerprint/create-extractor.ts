/**
 * The fingerprints of a subject: digests of a content while it is read, hashed expressions of a URL. Between opening
 * a subject and step 0 of the pipeline; everything after it knows subjects by these fingerprints only.
 */
import { assertInteger } from '../base/assert.js';
import type { HostRule, UrlFingerprint } from '../base/fingerprint.js';
import { createPortableHash, digestsOfWhole, openDigests, sha256Text } from './digests.js';
import type { CreateHash, HashWhole } from './digests.js';
import type { DigestWants, FingerprintExtractor } from './extractor.js';
import { createHostProbe, maxPlainLength } from './probe-hosts.js';
import { canonicalizeUrl, defaultMaxBytes } from './url-canonical.js';
import { urlExpressions } from './url-expressions.js';
import type { ExpressionOptions } from './url-expressions.js';

/** What an extractor is made of. */
export interface ExtractorOptions {
  /** Must be the rule of the filter and server pattern that its fingerprints are compared with. */
  readonly hostRule: HostRule;
  /** eTLD+1 of a canonical host, or undefined for a bare suffix. Needed by the rule `psl` only. */
  readonly registrableDomain?: ((host: string) => string | undefined) | undefined;
  /** Hashes for file contents; the portable ones without. */
  readonly createHash?: CreateHash | undefined;
  /** A content that is there in one piece, in one call; through `createHash` without. */
  readonly hashWhole?: HashWhole | undefined;
  /** SHA-256 of an ASCII text (an expression); the portable one without. */
  readonly sha256Text?: ((text: string) => Uint8Array) | undefined;
  /** Longest URL that is looked at. Default 65,536. */
  readonly maxUrlBytes?: number | undefined;
}

/**
 * An extractor for files and URLs. One serves any number of sessions at a time.
 * @throws TypeError for the rule `psl` without `registrableDomain`, RangeError for a `maxUrlBytes` that is no limit.
 */
export function createExtractor(options: ExtractorOptions): FingerprintExtractor {
  const createHash = options.createHash ?? createPortableHash;
  const { hashWhole } = options;
  const expressionOptions = checkedRule(options);
  const maxBytes = options.maxUrlBytes ?? defaultMaxBytes;
  assertInteger('maxUrlBytes', maxBytes, { min: 1 });
  const probe = createHostProbe(maxPlainLength(maxBytes));
  const taking: UrlTaking = { ...expressionOptions, maxBytes, sha256Text: options.sha256Text ?? sha256Text };
  return {
    open: (wants) => openDigests(wants, createHash),
    ...(hashWhole === undefined ? {} : { whole: (content: Uint8Array, wants: DigestWants) => digestsOfWhole(content, wants, hashWhole) }),
    url: (url) => urlFingerprint(url, taking),
    mayHit: (url, listed) => probe(url, listed) !== 'none',
  };
}

interface UrlTaking extends ExpressionOptions {
  readonly maxBytes: number;
  readonly sha256Text: (text: string) => Uint8Array;
}

function urlFingerprint(url: string, taking: UrlTaking): UrlFingerprint {
  const canonical = canonicalizeUrl(url, taking);
  return canonical.kind === 'not-a-url' ? canonical : new TakenUrl(canonical.canonical, urlExpressions(canonical, taking), taking.sha256Text);
}

/**
 * The digests are taken when they are first read: a filter clears most URLs without them. A class, because an object
 * literal with a getter gets a hidden class of its own, which lives for several collections: half of the time went there.
 */
class TakenUrl {
  readonly kind = 'url';
  readonly #sha256Text: UrlTaking['sha256Text'];
  #hashes: readonly Uint8Array[] | undefined;

  constructor(
    readonly canonical: string,
    readonly expressions: readonly string[],
    sha256Text: UrlTaking['sha256Text'],
  ) {
    this.#sha256Text = sha256Text;
  }

  get hashes(): readonly Uint8Array[] {
    this.#hashes ??= this.expressions.map((expression) => this.#sha256Text(expression));
    return this.#hashes;
  }
}

function checkedRule({ hostRule, registrableDomain }: ExtractorOptions): ExpressionOptions {
  if (hostRule === 'psl' && registrableDomain === undefined) {
    throw new TypeError(
      "createExtractor: hostRule 'psl' needs registrableDomain: give it the one of the entry './url', or choose 'labels5'",
    );
  }
  return { hostRule, registrableDomain };
}
