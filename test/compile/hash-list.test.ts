import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { readApprovedHashes, readHashList } from '../../src/compile/readers/hashes/hash-list.js';
import { blankLines, contextOf } from './context.js';

const md5 = '5eb63bbbe01eeed093cb22bb8f5acdc3';
const sha1 = '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed';
const sha256 = 'b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9';
const other = 'aa'.repeat(16);
const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

/** Hash, size and name of everything that a text lists. */
const listed = (text: string): (string | number)[][] =>
  readHashList(text, contextOf('feed.csv')).hashes.map((one) => [toHex(one.hash), ...(one.size === undefined ? [] : [one.size]), one.threat.name]);

describe('a list of hashes', () => {
  it.each([
    ['a hash a line', `${md5}\n${sha1}\n${sha256.toUpperCase()}\n`, [[md5, 'feed.hash'], [sha1, 'feed.hash'], [sha256, 'feed.hash']]],
    ['comments and blank lines', `# list\n\n${md5}\n  \n#${sha1}`, [[md5, 'feed.hash']]],
    ['what sha256sum prints', `${sha256}  dir/file name.exe\n${md5} *binary.exe`, [[sha256, 'feed.hash'], [md5, 'feed.hash']]],
    ['a hash and a comment', `${md5};Trojan, of 2016; see report\n${sha1};x`, [[md5, 'feed.hash'], [sha1, 'feed.hash']]],
    ['a table without heading', `2026-01-01,${md5},x\n2026-01-02,${other},y`, [[md5, 'feed.hash'], [other, 'feed.hash']]],
    ['several digests of a file: the strongest', `${md5},${sha1},${sha256}\n${md5},,`, [[sha256, 'feed.hash'], [md5, 'feed.hash']]],
    ['a heading', `md5,size\n${md5},11\n${other},`, [[md5, 11, 'feed.hash'], [other, 'feed.hash']]],
    ['a heading of one word', `SHA256\n${sha256}`, [[sha256, 'feed.hash']]],
    ['names and sizes by heading', `"Malware Family","File Size","MD5 Hash"\n"Emotet, v2","11","${md5}"`, [[md5, 11, 'Emotet, v2']]],
    ['no size on SHA-256, which needs none', `sha256_hash,file_size\n${sha256},11`, [[sha256, 'feed.hash']]],
    ['a foreign hash that is not taken', `sha1_hash,imphash\n${sha1},${other}\n,${other}`, [[sha1, 'feed.hash']]],
    ['a foreign hash among unknown columns', `artifact,imphash,when\n${sha1},${other},x`, [[sha1, 'feed.hash']]],
    ['a heading in a comment', `# dump\n# "first_seen_utc", "sha256_hash", "md5_hash", "signature"\n"2026", "${sha256}", "${md5}", "AgentTesla"\n"2026", "${sha256}", "", "n/a"`, [[sha256, 'AgentTesla'], [sha256, 'feed.hash']]],
    ['tabs', `hash\tname\n${md5}\tX`, [[md5, 'X']]],
    ['quotes within quotes', `name,md5\n"a ""b"", c",${md5}`, [[md5, 'a "b", c']]],
    ['a first row that only looks like a heading', `abcdefabcdefabcdefabcdefabcdefab,Trojan\n${md5},x`, [['abcdefabcdefabcdefabcdefabcdefab', 'feed.hash'], [md5, 'feed.hash']]],
  ])('reads %s', (_, text, expected) => {
    expect(listed(text)).toEqual(expected);
  });

  it('skips what holds no hash and the hash of empty content, and says so', () => {
    const text = `${md5}\nnonsense\n${sha1}0\nd41d8cd98f00b204e9800998ecf8427e\n"unclosed,${sha1}`;
    const { skipped, loaded, lines } = readHashList(text, contextOf());
    expect({ lines, loaded }).toEqual({ lines: 5, loaded: 1 });
    expect(skipped.map((one) => one.line)).toEqual([2, 3, 4, 5]);
  });

  it('names threats and their families by the table', () => {
    const { hashes } = readHashList(`md5,signature\n${md5},Win.Trojan.X-1`, contextOf());
    expect(hashes[0]).toMatchObject({ kind: 'file', algorithm: 'md5', disposition: 'malicious', threat: { name: 'Win.Trojan.X-1', type: 'trojan' } });
  });

  it('takes no control characters into names', () => {
    expect(listed(`md5,name\n${md5},\u001b[31mRed\u0007`)).toEqual([[md5, '[31mRed']]);
  });

  it('accounts for every line of whatever text', () => {
    const token = fc.constantFrom(md5, sha1, sha256, ',', ';', '\t', '"', 'md5', 'name', 'size', '11', '#', '\n', ' ', 'é');
    fc.assert(
      fc.property(fc.array(token, { maxLength: 60 }), (tokens) => {
        for (const read of [readHashList, readApprovedHashes]) {
          const output = read(tokens.join(''), contextOf());
          expect(output.hashes.length + output.allow.length).toBe(output.loaded);
          expect(blankLines(output)).toBeGreaterThanOrEqual(0);
        }
      }),
      runs,
    );
  });
});

describe('a list of approved hashes', () => {
  it('approves weak hashes only with the size', () => {
    const { allow, skipped } = readApprovedHashes(`md5,size\n${md5},11\n${other},\n${sha1},5`, contextOf('ok.csv'));
    expect(allow).toMatchObject([
      { algorithm: 'md5', size: 11, disposition: 'clean', threat: { name: 'ok.approved', type: 'approved' } },
      { algorithm: 'sha1', size: 5 },
    ]);
    expect(skipped).toHaveLength(1);
    expect(skipped[0]!.reason).toMatch(/weak/);
    expect(readApprovedHashes(`${sha256}\n${md5}`, contextOf())).toMatchObject({ loaded: 1, skipped: [{ line: 2 }] });
  });
});
