import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareBytes, concatBytes, equalBytes, fromBase64Url, fromHex, fromLatin1, toBase64Url, toHex, toLatin1 } from '../../src/base/bytes.js';

const bytes = fc.uint8Array({ maxLength: 300 });

describe('bytes', () => {
  it('agree with Buffer in hex, base64url and latin1, both ways', () => {
    fc.assert(
      fc.property(bytes, (one) => {
        const buffer = Buffer.from(one);
        expect([toHex(one), toBase64Url(one), toLatin1(one)]).toEqual([buffer.toString('hex'), buffer.toString('base64url'), buffer.toString('latin1')]);
        expect([fromHex(toHex(one).toUpperCase()), fromBase64Url(buffer.toString('base64')), fromLatin1(toLatin1(one))]).toEqual([one, one, one]);
      }),
    );
  });

  it('are refused where the text is no hex or base64', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 8 }), (text) => {
        const isHex = text.length % 2 === 0 && /^[0-9a-f]*$/i.test(text);
        expect(fromHex(text) !== undefined).toBe(isHex);
      }),
    );
    expect(['0', '0g', ' 0', '-1', '@@', '``', 'GG'].map(fromHex)).toEqual(Array.from({ length: 7 }, () => undefined));
    expect(['a b', '=a', 'ü', 'a'].map(fromBase64Url)).toEqual([undefined, undefined, undefined, undefined]);
  });

  it('are ordered as Buffer.compare orders them', () => {
    fc.assert(
      fc.property(bytes, bytes, (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b));
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0);
        expect(concatBytes([a, b])).toEqual(new Uint8Array(Buffer.concat([a, b])));
      }),
    );
  });
});
