/**
 * The fingerprints of a subject: digests of a content while it is read, hashed expressions of a URL. Between opening
 * a subject and step 0 of the pipeline; everything after it knows subjects by these fingerprints only.
 */
import { assertInteger } from '../base/assert.js';
import type { HostRule, UrlFingerprint } from '../base/fingerprint.js';
import { createPortableHash, openDigests, sha256 } from './digests.js';
import type { CreateHash } from './digests.js';
import type { FingerprintExtractor } from './extractor.js';
import { canonicalizeUrl } from './url-canonical.js';
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
  /** Longest URL that is looked at. Default 65,536. */
  readonly maxUrlBytes?: number | undefined;
}

/**
 * An extractor for files and URLs. It keeps no state: one serves any number of sessions at a time.
 * @throws TypeError for the rule `psl` without `registrableDomain`, RangeError for a `maxUrlBytes` that is no limit.
 */
export function createExtractor(options: ExtractorOptions): FingerprintExtractor {
  const createHash = options.createHash ?? createPortableHash;
  const expressionOptions = checkedRule(options);
  assertInteger('maxUrlBytes', options.maxUrlBytes ?? 1, { min: 1 });
  return {
    open: (wants) => openDigests(wants, createHash),
    url: (url) => urlFingerprint(url, expressionOptions, options.maxUrlBytes),
  };
}

function urlFingerprint(url: string, options: ExpressionOptions, maxBytes: number | undefined): UrlFingerprint {
  const canonical = canonicalizeUrl(url, { maxBytes });
  if (canonical.kind === 'not-a-url') {
    return canonical;
  }
  const expressions = urlExpressions(canonical, options);
  const encoder = new TextEncoder();
  const hashes = expressions.map((expression) => sha256(encoder.encode(expression)));
  return { kind: 'url', canonical: canonical.canonical, expressions, hashes };
}

function checkedRule({ hostRule, registrableDomain }: ExtractorOptions): ExpressionOptions {
  if (hostRule === 'psl' && registrableDomain === undefined) {
    throw new TypeError(
      "createExtractor: hostRule 'psl' needs registrableDomain: give it the one of the entry './url', or choose 'labels5'",
    );
  }
  return { hostRule, registrableDomain };
}
