import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import { registrableDomain } from '../../src/url.js';
import { nastyUrl } from './url-texts.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const extractors = [createExtractor({ hostRule: 'labels5' }), createExtractor({ hostRule: 'psl', registrableDomain })];

describe('the extractor', () => {
  it('hashes every expression of a URL with SHA-256, in order', () => {
    fc.assert(
      fc.property(nastyUrl, fc.constantFrom(...extractors), (text, extractor) => {
        const url = extractor.url(text);
        if (url.kind === 'url') {
          const expected = url.expressions.map((expression) => createHash('sha256').update(expression).digest('hex'));
          expect(url.hashes.map(toHex)).toEqual(expected);
        }
      }),
      runs,
    );
  });

  it('gives the fingerprint of the canonical form, whatever the spelling', () => {
    for (const extractor of extractors) {
      expect(extractor.url('HTTP://user@EXAMPLE.com:80/a/../b?c#d')).toEqual(extractor.url('http://example.com/b?c'));
    }
  });

  it('says why a text is no URL', () => {
    expect(extractors[0]!.url('javascript:alert(1)')).toEqual({ kind: 'not-a-url', reason: 'no-host' });
    expect(createExtractor({ hostRule: 'labels5', maxUrlBytes: 10 }).url('http://example.com/')).toEqual({ kind: 'not-a-url', reason: 'too-long' });
  });

  it('is not made with a limit that is none', () => {
    expect(() => createExtractor({ hostRule: 'labels5', maxUrlBytes: 0 })).toThrow(RangeError);
  });

  it('digests contents with the hashes that it is given', () => {
    const digests = [undefined, createHash].map((hash) => {
      const session = createExtractor({ hostRule: 'labels5', createHash: hash }).open({ md5: true, sha1: true });
      session.update(toUtf8('some '));
      session.update(toUtf8('content'));
      return session.finish();
    });
    expect(digests[0]).toEqual(digests[1]);
    expect(Object.keys(digests[0]!).sort()).toEqual(['md5', 'sha1', 'sha256']);
    expect(Object.keys(extractors[0]!.open({ md5: false, sha1: false }).finish())).toEqual(['sha256']);
  });

  it('for the rule psl is not made without the Public Suffix List', () => {
    expect(() => createExtractor({ hostRule: 'psl' })).toThrow(TypeError);
    expect(() => createExtractor({ hostRule: 'psl' })).toThrow(/'\.\/url'/);
  });
});
