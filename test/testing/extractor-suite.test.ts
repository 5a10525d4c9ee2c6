import { createHash } from 'node:crypto';
import { describe, it, expect } from 'vitest';
import type { UrlFingerprint } from '../../src/base/fingerprint.js';
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import type { FingerprintExtractor } from '../../src/fingerprint/extractor.js';
import type { TestRunner } from '../../src/testing/runner.js';
import { describeExtractor } from '../../src/testing/suites/extractor-suite.js';
import { failedTests, itCatches } from './sabotage.js';

const suite = (runner: TestRunner, extractor: FingerprintExtractor): void => describeExtractor(runner, { name: 'under test', create: () => extractor });
const good = createExtractor({ hostRule: 'labels5' });
type Url = Extract<UrlFingerprint, { kind: 'url' }>;

/** The good extractor with one thing changed. */
const wrong = (change: Partial<FingerprintExtractor>): FingerprintExtractor => ({ ...good, ...change });
const wrongUrl = (change: (url: Url) => UrlFingerprint): FingerprintExtractor =>
  wrong({ url: (url) => { const outcome = good.url(url); return outcome.kind === 'url' ? change(outcome) : outcome; } });

function sha256(text: string): Uint8Array {
  return new Uint8Array(createHash('sha256').update(text).digest());
}

describe('the suite of the extractor', () => {
  it('passes the built-in one', async () => {
    expect(await failedTests((runner) => suite(runner, good))).toEqual([]);
  });

  itCatches<FingerprintExtractor>(
    [
      { wrong: 'cuts digests short', part: wrong({ open: (wants) => { const session = good.open(wants); return { ...session, finish: () => ({ sha256: session.finish().sha256.subarray(0, 31) }) }; } }), caughtBy: 'digests are those of the standards' },
      { wrong: 'sees the last chunk only', part: wrong({ open: (wants) => { let last = new Uint8Array(0); return { update: (chunk) => void (last = chunk.slice()), finish: () => { const session = good.open(wants); session.update(last); return session.finish(); } }; } }), caughtBy: 'digests do not depend on how the bytes are cut' },
      { wrong: 'never gives MD5', part: wrong({ open: (wants) => good.open({ ...wants, md5: false }) }), caughtBy: 'MD5 and SHA-1 are there when they are wanted, SHA-256 always' },
      { wrong: 'has one session for all', part: oneSession(), caughtBy: 'sessions that run interleaved do not see each other' },
      { wrong: 'keeps chunks', part: wrong({ open: (wants) => { const chunks: Uint8Array[] = []; return { update: (chunk) => void chunks.push(chunk), finish: () => { const session = good.open(wants); chunks.forEach((chunk) => session.update(chunk)); return session.finish(); } }; } }), caughtBy: 'chunks are neither written to nor kept' },
      { wrong: 'takes the URL as it stands', part: wrong({ url: (url) => ({ kind: 'url', canonical: url, expressions: [url], hashes: [sha256(url)] }) }), caughtBy: 'the canonical form follows the specification' },
      { wrong: 'gives the exact expression only', part: wrongUrl((url) => ({ ...url, expressions: url.expressions.slice(0, 1), hashes: url.hashes.slice(0, 1) })), caughtBy: 'the expressions follow the specification' },
      { wrong: 'gives the exact expression last', part: wrongUrl((url) => ({ ...url, expressions: [...url.expressions].reverse(), hashes: [...url.hashes].reverse() })), caughtBy: 'the expressions follow the specification' },
      { wrong: 'hashes with the scheme', part: wrongUrl((url) => ({ ...url, hashes: url.expressions.map((one) => sha256(`http://${one}`)) })), caughtBy: 'the hashes are SHA-256 of the expressions, in their order' },
      { wrong: 'sorts its hashes', part: wrongUrl((url) => ({ ...url, hashes: [...url.hashes].sort((a, b) => Buffer.compare(a, b)) })), caughtBy: 'the hashes are SHA-256 of the expressions, in their order' },
      { wrong: 'escapes again what is escaped', part: wrongUrl((url) => ({ ...url, canonical: url.canonical.replaceAll('%', '%25%32%35') + (url.canonical.includes('%') ? '%' : '') })), caughtBy: 'the canonical form of a canonical form is itself, and has the same expressions' },
      { wrong: 'repeats expressions', part: wrongUrl((url) => ({ ...url, expressions: [...url.expressions, url.expressions[0] ?? ''], hashes: [...url.hashes, url.hashes[0] ?? new Uint8Array(0)] })), caughtBy: 'expressions are at most thirty, unique and plain ASCII' },
      { wrong: 'takes everything for a URL', part: wrong({ url: (url) => good.url(`http://x.example/${url.length}`) }), caughtBy: 'what is no URL is said to be none, with a reason' },
      { wrong: 'throws for lone surrogates', part: wrong({ url: (url) => { encodeURI(url); return good.url(url); } }), caughtBy: 'hostile texts neither throw nor take long' },
    ],
    suite,
  );
});

function oneSession(): FingerprintExtractor {
  let session = good.open({ md5: true, sha1: true });
  return wrong({
    open: (wants) => {
      session = good.open(wants);
      return { update: (chunk) => session.update(chunk), finish: () => session.finish() };
    },
  });
}
