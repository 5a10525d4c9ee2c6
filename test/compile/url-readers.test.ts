import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toHex, toUtf8 } from '../../src/base/bytes.js';
import type { HostRule } from '../../src/base/fingerprint.js';
import { readDomainList } from '../../src/compile/readers/urls/domain-list.js';
import { readHosts } from '../../src/compile/readers/urls/hosts.js';
import type { Reader, ReaderContext, ReaderOutput } from '../../src/compile/readers/reader.js';
import { readApprovedUrls, readUrlList } from '../../src/compile/readers/urls/url-list.js';
import { createExtractor } from '../../src/fingerprint/create-extractor.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import { registrableDomain } from '../../src/url.js';
import { deepUrl, nastyUrl } from '../fingerprint/url-texts.js';
import { sharedPath } from '../shared.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) * 3 };
const hostRules: readonly HostRule[] = ['psl', 'labels5'];
const extractors = hostRules.map((hostRule) => createExtractor({ hostRule, registrableDomain }));

function context(source = 'bad-sites.2026.txt'): ReaderContext {
  return { source, hostRule: 'psl', url: (url) => extractors[0]!.url(url), sha256, regexFault: () => undefined };
}

const read = (reader: Reader, ...lines: string[]): ReaderOutput => reader(lines.join('\n'), context());
const hashOf = (expression: string): string => toHex(sha256(toUtf8(expression)));
const hashes = (output: ReaderOutput): string[] => output.hashes.map(({ hash }) => toHex(hash));
const reasons = (output: ReaderOutput): string[] => output.skipped.map(({ line, reason }) => `${line}: ${reason}`);

/** Under both host rules one of the URL's own hashes is in the output. */
function finds(listed: ReadonlySet<string>, url: string): boolean {
  return extractors.every((extractor) => {
    const fingerprint = extractor.url(url);
    return fingerprint.kind === 'url' && fingerprint.hashes.some((hash) => listed.has(toHex(hash)));
  });
}

/** 100 % of the lines are accounted for. */
function isAccountedFor(output: ReaderOutput, text: string): boolean {
  const lines = text.split('\n').slice(0, text.endsWith('\n') || text === '' ? -1 : undefined);
  // A comment that is no Unicode text is not taken for one: it is skipped with a reason, like every such line.
  const blank = lines.filter((line) => /^\s*(#.*)?$/s.test(line) && !/\p{Cs}/u.test(line)).length;
  return output.lines === lines.length && output.loaded + output.skipped.length + blank === output.lines;
}

describe('a list of URLs', () => {
  it('lists every URL so that it finds its own entry under either host rule', () => {
    fc.assert(
      fc.property(fc.oneof(deepUrl, nastyUrl, fc.webUrl({ withQueryParameters: true, withFragments: true })), (url) => {
        const line = url.replaceAll('\n', '');
        const output = readUrlList(line, context());
        fc.pre(output.loaded === 1);
        expect(finds(new Set(hashes(output)), line.trim())).toBe(true);
      }),
      runs,
    );
  });

  it('is found out when it stores anything else', () => {
    const canonicalForms: ReaderContext = { ...context(), sha256: (bytes) => sha256(toUtf8(`http://${new TextDecoder().decode(bytes)}`)) };
    const output = readUrlList('http://bad.example/x', canonicalForms);
    expect(output.loaded).toBe(1);
    expect(finds(new Set(hashes(output)), 'http://bad.example/x')).toBe(false);
  });

  it('takes every line with a scheme that is a URL', () => {
    fc.assert(
      fc.property(nastyUrl, (url) => {
        const line = url.replaceAll(/[\n\r]/g, '').trim();
        fc.pre(/^https?:\/\//.test(line) && !/\p{Cs}/u.test(line));
        expect(readUrlList(line, context()).loaded).toBe(canonicalizeUrl(line).kind === 'url' ? 1 : 0);
      }),
      runs,
    );
  });

  it('stores the hash of the exact expression', () => {
    const output = read(readUrlList, 'HTTP://user@Bad.Example:8080/a/../b.exe?x=1#frag');
    expect(output.hashes).toEqual([
      {
        kind: 'url',
        algorithm: 'sha256',
        hash: sha256(toUtf8('bad.example/b.exe?x=1')),
        expression: 'bad.example/b.exe?x=1',
        disposition: 'malicious',
        threat: { name: 'bad-sites.2026.url', type: 'malicious-url' },
      },
    ]);
  });

  it('passes over comments and blank lines and says what else it did not use', () => {
    const output = read(readUrlList, '\ufeff# heading', '', 'http://bad.example/#frag\r', '   ', 'mailto:a@bad.example', 'just some prose', 'word', 'http://bad.example:x/', 'bad.example/x', '1.2.3.4:81/x');
    expect(reasons(output)).toEqual([
      '5: not a URL: it names no host',
      '6: not a URL: neither a scheme nor a domain',
      '7: not a URL: neither a scheme nor a domain',
      '8: not a URL: its port is no number',
    ]);
    expect(hashes(output)).toEqual(['bad.example/', 'bad.example/x', '1.2.3.4/x'].map(hashOf));
    expect([output.lines, output.loaded]).toEqual([10, 3]);
  });

  it('keeps a listed page apart from its neighbours and holds a listed folder for all in it', () => {
    const listed = new Set(hashes(read(readUrlList, 'http://site.example/page', 'http://site.example/folder/')));
    expect(finds(listed, 'http://www.site.example/page?x')).toBe(true);
    expect(finds(listed, 'http://site.example/folder/a/b')).toBe(true);
    expect(finds(listed, 'http://site.example/')).toBe(false);
    expect(finds(listed, 'http://site.example/page2')).toBe(false);
  });
});

describe('a list of approved URLs', () => {
  it('goes to the allow list', () => {
    const output = readApprovedUrls('https://good.example/\nnot a url\n', context('ours.txt'));
    expect(output.allow).toEqual([
      { kind: 'url', algorithm: 'sha256', hash: sha256(toUtf8('good.example/')), expression: 'good.example/', disposition: 'clean', threat: { name: 'ours.approved', type: 'approved' } },
    ]);
    expect([output.hashes, output.loaded, output.skipped.length]).toEqual([[], 1, 1]);
  });
});

describe('a list of domains', () => {
  it('lists a domain with its subdomains and nothing beside it', () => {
    const output = read(readDomainList, 'Bad.Example.', '*.worse.example  # since May', '.dotted.example', 'b\u00f6se.example', '10.0.0.1');
    expect(hashes(output)).toEqual(['bad.example/', 'worse.example/', 'dotted.example/', 'xn--bse-sna.example/', '10.0.0.1/'].map(hashOf));
    expect(output.hashes[0]!.threat).toEqual({ name: 'bad-sites.2026.domain', type: 'malicious-url' });
    const listed = new Set(hashes(output));
    expect(finds(listed, 'http://a.b.bad.example/x?y')).toBe(true);
    expect(finds(listed, 'http://notbad.example/')).toBe(false);
  });

  it('finds a domain deeper than the candidates of the host rule by its exact name', () => {
    const deep = 'a.b.c.d.e.f.g.bad.example';
    expect(finds(new Set(hashes(read(readDomainList, deep))), `http://${deep}/x`)).toBe(true);
  });

  it.each(['http://bad.example/', 'bad.example/x', 'bad.example:80', 'user@bad.example', '||bad.example^', '1,bad.example', 'two words.example', 'word', '..', 'a?b.example'])('does not take %j for a domain', (line) => {
    expect(reasons(read(readDomainList, line))).toEqual(['1: not a domain name']);
  });
});

describe('a hosts file', () => {
  it('lists the names that it blocks and skips the rest with reasons', () => {
    const output = read(
      readHosts,
      '# comment',
      '127.0.0.1 localhost localhost.localdomain',
      '::1 ip6-localhost ip6-loopback',
      '255.255.255.255 broadcasthost',
      '0.0.0.0 bad.example www.bad.example # both',
      '0.0.0.0\tworse.example',
      ':: six.example',
      '0.0.0.0 0.0.0.0',
      '192.168.1.5 files.example',
      '0.0.0.0',
      'bad.example',
      '0.0.0.0 http://bad.example/',
      '127.0.0.1 localhost mixed.example printer',
    );
    expect(hashes(output)).toEqual(['bad.example/', 'www.bad.example/', 'worse.example/', 'six.example/', 'mixed.example/'].map(hashOf));
    expect(reasons(output)).toEqual([
      '2: names of the machine itself',
      '3: names of the machine itself',
      '4: names of the machine itself',
      '8: names of the machine itself',
      '9: not a blocking address: expected 0.0.0.0, 127.x.x.x, :: or ::1',
      '10: expected an address and a name',
      '11: expected an address and a name',
      '12: not a domain name',
    ]);
    expect([output.lines, output.loaded, output.hashes[0]!.threat.name]).toEqual([13, 4, 'bad-sites.2026.host']);
  });

  it('takes 1000 names in a line and no more', () => {
    const names = Array.from({ length: 1001 }, (_, index) => `n${index}.example`);
    expect(read(readHosts, `0.0.0.0 ${names.slice(1).join(' ')}`).hashes).toHaveLength(1000);
    expect(reasons(read(readHosts, `0.0.0.0 ${names.join(' ')}`))).toEqual(['1: more than 1000 names in one line']);
  });
});

const readers: readonly (readonly [string, Reader])[] = [
  ['URLs', readUrlList],
  ['approved URLs', readApprovedUrls],
  ['domains', readDomainList],
  ['hosts', readHosts],
];

describe.each(readers)('the reader of %s', (_, reader) => {
  it('accounts for every line of any text and never throws', () => {
    const line = fc.oneof(nastyUrl, fc.string(), fc.constantFrom('', '#', ' # x', '0.0.0.0 bad.example', 'bad.example', '\r', '\u2028'));
    fc.assert(
      fc.property(fc.array(line, { maxLength: 12 }).map((lines) => lines.join('\n')), (text) => {
        expect(isAccountedFor(reader(text, context()), text)).toBe(true);
      }),
      runs,
    );
  });

  it('skips a line over 1 MiB', () => {
    const output = reader(`http://h.example/${'a'.repeat(1_048_577)}\n`, context());
    expect([output.lines, output.loaded, output.skipped.length]).toEqual([1, 0, 1]);
  });
});

const lists: readonly (readonly [folder: string, reader: Reader, files: readonly string[]])[] = [
  ['urls', readUrlList, ['hacked-malware-2022', 'phishing-database-2020-ACTIVE', 'phishing-database-2020-INACTIVE', 'phishing-database-history', 'urlhaus-2018', 'vendor-reports']],
  ['domains', readDomainList, ['kadhosts-2021', 'phishing-database-2020-domains', 'stalkerware-2026']],
  ['benign', readUrlList, ['alexa-2016-top100k-sample', 'legit-urls-full', 'opendns-top10k', 'tranco-2025-top50k']],
];
const present = lists.flatMap(([folder, reader, files]) =>
  files.map((file) => ({ name: `${folder}/${file}`, path: sharedPath(`data/ioc/${folder}/${file}.txt`), reader })),
);

describe('a published list', () => {
  for (const { name, path, reader } of present) {
    const title = `${name}: every entry finds itself, every canonical form stays`;
    it.skipIf(path === undefined)(path === undefined ? `${title} (the shared test data is not there)` : title, () => {
      const lines = readFileSync(path!, 'utf8').split('\n').filter((line) => line.trim() !== '');
      const output = reader(lines.join('\n'), context(name));
      const skipped = new Set(output.skipped.map(({ line }) => line));
      expect(skipped.size / lines.length).toBeLessThan(0.005);
      const loaded = lines.filter((_, index) => !skipped.has(index + 1));
      for (const line of loaded) {
        const url = canonicalizeUrl(line);
        expect(url.kind === 'url' ? canonicalizeUrl(url.canonical) : undefined).toEqual(url);
      }
      // Fingerprints under both rules are the dear part: every eighth line has them.
      const listed = new Set(hashes(output));
      expect(loaded.filter((line, index) => index % 8 === 0 && !finds(listed, line))).toEqual([]);
    });
  }
});
