import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { readAllowSignatures, readHashSignatures } from '../../src/compile/readers/hashes/clamav-hash.js';
import { readIgnored } from '../../src/compile/readers/clamav-ignored.js';
import { blankLines, contextOf, countBlank } from './context.js';

const md5 = '5eb63bbbe01eeed093cb22bb8f5acdc3';
const sha1 = '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed';
const sha256 = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9';
const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

describe('hash signatures', () => {
  // The expectations of this table are clamscan 1.4.6's own answers to the same lines.
  it.each([
    [`${md5}:11:Plain`, 'md5', 11, 'Plain'],
    [`${sha1}:11:Sha1`, 'sha1', 11, 'Sha1'],
    [`${sha256.toUpperCase()}:11:Upper`, 'sha256', 11, 'Upper'],
    [`${sha256}:*:Any:73`, 'sha256', undefined, 'Any'],
    [`${md5}:*:Any:74:255`, 'md5', undefined, 'Any'],
    [`${md5}:11:Bounds:10:255`, 'md5', 11, 'Bounds'],
    [`${md5}:011:Lead`, 'md5', 11, 'Lead'],
    [`${md5}: 11:Space`, 'md5', 11, 'Space'],
    [`${md5}:11:Name with space`, 'md5', 11, 'Name with space'],
  ])('%s is loaded', (line, algorithm, size, name) => {
    const { hashes, loaded, lines } = readHashSignatures(line, contextOf());
    expect({ loaded, lines }).toEqual({ loaded: 1, lines: 1 });
    expect(hashes).toMatchObject([{ kind: 'file', algorithm, disposition: 'malicious', threat: { name } }]);
    expect(hashes[0]!.size).toBe(size);
    expect(toHex(hashes[0]!.hash)).toBe(line.split(':')[0]!.toLowerCase());
  });

  it.each([
    [`${md5}:*:Star`, 'Star', /73/],
    [`${md5}:*:Star:72`, 'Star', /73/],
    [`${md5}:11:Old:10:50`, 'Old', /up to functionality level 50/],
    [`${md5}:11:New:999`, 'New', /level 999/],
    [`${md5}:11:Level:x`, 'Level', /no number/],
    [`${md5}:11:`, undefined, /name/],
    [`${md5}:11:${'x'.repeat(1001)}`, 'x'.repeat(1001), /name/],
    [`${md5}:0:Zero`, 'Zero', /size/],
    [`${md5}:0x0b:Hex`, 'Hex', /size/],
    [`${md5}:-1:Minus`, 'Minus', /size/],
    [`${md5}:99999999999999999:Huge`, 'Huge', /size/],
    [`${md5}:11:Extra:10:255:foo`, 'Extra', /expected/],
    [`${md5}:11`, undefined, /expected/],
    [`${md5}0:11:Length`, 'Length', /MD5/],
    [`${'g'.repeat(32)}:11:Hex`, 'Hex', /MD5/],
    ['d41d8cd98f00b204e9800998ecf8427e:5:Empty', 'Empty', /empty content/],
    ['nonsense', undefined, /expected/],
  ])('%s is skipped with a reason', (line, signature, reason) => {
    const { hashes, skipped } = readHashSignatures(`\n${line}`, contextOf());
    expect(hashes).toEqual([]);
    expect(skipped).toHaveLength(1);
    expect(skipped[0]).toMatchObject({ line: 2, reason: expect.stringMatching(reason) as string });
    expect(skipped[0]!.signature).toBe(signature);
  });

  it('may have comments, blank lines and either kind of line end', () => {
    const text = `# comment\r\n\r\n${md5}:11:A\r\n\n${sha1}:12:B\n`;
    expect(readHashSignatures(text, contextOf())).toMatchObject({ lines: 5, loaded: 2, skipped: [] });
  });

  it.each([
    ['Win.Trojan.Agent-1', 'trojan'],
    ['Eicar-Test-Signature', 'test-file'],
    ['{HEX}php.exe.globals.399', 'unclassified'],
    ['Doc.Exploit.CVE_2017_11882-1', 'exploit'],
    ['Rtf.CVE_2012_0158-3', 'exploit'],
    ['Heuristics.Something', 'probable'],
    ['PUA.Win.Packer.Upx-1', 'unwanted'],
    ['constructor', 'unclassified'],
  ])('named %s are of the family %s', (name, type) => {
    expect(readHashSignatures(`${md5}:1:${name}`, contextOf()).hashes[0]!.threat).toEqual({ name, type });
  });

  it('account for every line of whatever text', () => {
    const token = fc.constantFrom(md5, sha1, sha256, ':', '*', '11', '73', 'Name', '#', '\n', '\r\n', ' ', 'é', '\0');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        const text = tokens.join('').replace(/\n+$/, '');
        for (const read of [readHashSignatures, readAllowSignatures, readIgnored]) {
          const output = read(text, contextOf());
          const entries = output.hashes.length + output.allow.length + output.ignored.length;
          expect(entries).toBe(output.loaded);
          expect(output.skipped.every((one, i) => one.reason !== '' && one.line > (output.skipped[i - 1]?.line ?? 0))).toBe(true);
          if (!/^\s*[^\S\n]#/m.test(text) && text !== '') {
            expect(blankLines(output)).toBe(countBlank(text));
          }
        }
      }),
      runs,
    );
  });
});

describe('allow signatures', () => {
  it('approve files by hash and size, weak hashes only with the size', () => {
    const text = `${md5}:11:Ok\n${sha256}:*:Any:73\n${md5}:*:Weak:73\n${sha1}:*:Weak:73`;
    const { allow, hashes, skipped } = readAllowSignatures(text, contextOf());
    expect(hashes).toEqual([]);
    expect(allow).toMatchObject([
      { algorithm: 'md5', size: 11, disposition: 'clean', threat: { name: 'Ok', type: 'approved' } },
      { algorithm: 'sha256', disposition: 'clean' },
    ]);
    expect(skipped.map((one) => [one.line, /weak/.test(one.reason)])).toEqual([[3, true], [4, true]]);
  });

  it('may approve empty content', () => {
    expect(readAllowSignatures('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855:*:Empty:73', contextOf()).loaded).toBe(1);
  });
});

describe('ignore lists', () => {
  it('name signatures, with or without the MD5 of their line', () => {
    const { ignored, skipped, lines, loaded } = readIgnored(`# c\nA.b-1\nC : ${md5.toUpperCase()}\n:x\nD:abcd\nE:${md5}:x\n`, contextOf());
    expect(ignored).toEqual([{ name: 'A.b-1' }, { name: 'C', md5 }]);
    expect({ lines, loaded }).toEqual({ lines: 6, loaded: 2 });
    expect(skipped.map((one) => [one.line, one.signature])).toEqual([[4, undefined], [5, 'D'], [6, 'E']]);
  });
});
