/** Feeds in JSON, zones and block lists: what each of their objects and lines comes to. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toBase64Url, toHex, toUtf8 } from '../../src/base/bytes.js';
import { readers } from '../../src/compile/readers/index.js';
import { readJson } from '../../src/compile/readers/feeds/json-source.js';
import { parseStixPattern } from '../../src/compile/readers/feeds/stix-pattern.js';
import type { SourceFormat } from '../../src/compile/detect.js';
import type { ReaderOutput } from '../../src/compile/readers/reader.js';
import { sha256 } from '../../src/fingerprint/digests.js';
import { encodeRiceWide } from '../../src/pattern/rice/rice.js';
import { fitExponent, measure } from '../support/complexity.js';
import { contextOf } from './context.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const read = (format: SourceFormat, text: string | object, source = 'feed.txt'): ReaderOutput =>
  readers[format](typeof text === 'string' ? text : JSON.stringify(text), { ...contextOf(source), now: Date.UTC(2025, 0, 1) });
/** Expressions of URLs, hex of files with their size. */
const listed = (output: ReaderOutput): string[] =>
  output.hashes.map((one) => one.expression ?? `${toHex(one.hash)}${one.size === undefined ? '' : `:${one.size}`}`);
const reasons = (output: ReaderOutput): string[] => output.skipped.map(({ line, reason }) => `${line}: ${reason}`);
const names = (output: ReaderOutput): string[] => [...new Set(output.hashes.map((one) => `${one.threat.name} (${one.threat.type})`))];
const hex = (digit: string, length: number): string => digit.repeat(length);

describe('a block list in the syntax of AdGuard and EasyList', () => {
  it('lists the hosts and paths that it blocks for pages', () => {
    const output = read('adblock', [
      '[Adblock Plus 2.0]', '! comment', '', '# also a comment',
      '||bad.example^', '||*.Worse.example^', '||bad.example^$important', '||doc.example^$document,popup', '||10.0.0.1^',
      '||site.example/ads/', '||site.example/file.exe^', '||site.example/x?y=1', '|http://exact.example/page|', '||site.example/a$all',
    ].join('\n'));
    expect(listed(output)).toEqual([
      'bad.example/', 'worse.example/', 'bad.example/', 'doc.example/', '10.0.0.1/',
      'site.example/ads/', 'site.example/file.exe', 'site.example/file.exe/', 'site.example/x?y=1', 'exact.example/page', 'site.example/a', 'site.example/a/',
    ]);
    expect([output.lines, output.loaded, output.skipped]).toEqual([14, 10, []]);
    expect(names(output)).toEqual(['feed.rule (malicious-url)']);
  });

  it.each([
    ['@@||good.example^', 'an exception'],
    ['example.com##.ad', 'a cosmetic'],
    ['example.com#@#.ad', 'a cosmetic'],
    ['example.com#%#//scriptlet("x")', 'a cosmetic'],
    ['example.com$$script[tag]', 'a cosmetic'],
    ['/banner[0-9]+/', 'a regular expression'],
    ['/x/$script', 'a regular expression'],
    ['||bad.example^$third-party', 'the option "third-party"'],
    ['||bad.example^$domain=other.example', 'the option'],
    ['||bad.example^$popup', 'the option "popup"'],
    ['||bad.example^$badfilter', 'the option'],
    ['||bad*.example^', 'a wildcard'],
    ['||bad.example/*/x', 'a wildcard'],
    ['||bad', 'the beginning of a host'],
    ['||bad.example', 'the beginning of a host'],
    ['|http://bad.example/', 'the beginning of an address'],
    ['|data:text', 'the beginning of an address'],
    ['bad.example', 'a part of an address'],
    ['-banner-', 'a part of an address'],
    ['||word^', 'not a domain name'],
    ['||^', 'not a domain name'],
    ['$', 'a'],
  ])('reports %j', (line, reason) => {
    const output = read('adblock', `||bad.example^\n${line}`);
    expect([listed(output), reasons(output)]).toEqual([['bad.example/'], [expect.stringContaining(`2: ${reason === 'a' ? '' : reason}`) as string]]);
  });
});

describe('a response policy zone', () => {
  it('lists the names that are answered with nothing or led elsewhere', () => {
    const output = read('rpz', [
      '$TTL 300', '@ IN SOA localhost. root.localhost. (', '  1 ; serial', '  3600 600 86400 60 )', '  IN NS localhost.', '; comment',
      'bad.example CNAME .', '*.bad.example 60 IN CNAME .', 'nodata.example IN CNAME *.', 'drop.example CNAME rpz-drop.',
      'garden.example A 192.0.2.1', '  AAAA 2001:db8::1', 'walled.example IN 60 CNAME page.example.net.',
      'good.example CNAME rpz-passthru.', 'old.example CNAME old.example.', 'tcp.example CNAME rpz-tcp-only.', 'text.example TXT "bad ; ( really"',
      '32.1.2.0.192.rpz-ip CNAME .', '24.0.2.0.192.rpz-client-ip CNAME rpz-drop.', 'ns.example.rpz-nsdname CNAME .',
      'word CNAME .', 'nothing', '$INCLUDE other.zone', '$GENERATE 1-9 x$ CNAME .',
    ].join('\n'));
    expect(listed(output)).toEqual(['bad.example/', 'bad.example/', 'nodata.example/', 'drop.example/', 'garden.example/', 'garden.example/', 'walled.example/']);
    expect(output.skipped.map(({ line }) => line)).toEqual([14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24]);
    expect([output.lines, output.loaded]).toEqual([24, 7]);
    expect(names(output)).toEqual(['feed.zone (malicious-url)']);
  });

  it('takes the name of the zone off names that carry it', () => {
    const transferred = 'rpz.example. 300 IN SOA ns.example. root.example. 1 2 3 4 5\nrpz.example. NS ns.example.\nBad.Example.RPZ.example. 300 IN CNAME .\n*.bad.example.rpz.example. CNAME .\nother.example. CNAME .';
    expect(listed(read('rpz', transferred))).toEqual(['bad.example/', 'bad.example/', 'other.example/']);
    expect(listed(read('rpz', '$ORIGIN z.test.\nbad.example CNAME .\nbad.example.z.test. CNAME .'))).toEqual(['bad.example/', 'bad.example/']);
  });

  it('reads names under the origin of their line, as servers write zones that they were sent', () => {
    const dumped = [
      '$ORIGIN .', '$TTL 300', 'rpz.example IN SOA ns.example. root.example. ( 1 2 3', ' 4 5 )', '  NS ns.example.',
      '$ORIGIN example.rpz.example.', 'bad CNAME .', '*.bad CNAME .', '$ORIGIN co.test.rpz.example.', 'evil CNAME .', '$ORIGIN evil', '@ CNAME .', 'deep CNAME .',
    ].join('\n');
    const output = read('rpz', dumped);
    expect(listed(output)).toEqual(['bad.example/', 'bad.example/', 'evil.co.test/', 'evil.co.test/', 'deep.evil.co.test/']);
    expect(output.skipped).toEqual([]);
  });

  it('reports a record without a name and goes on', () => {
    expect(reasons(read('rpz', '  CNAME .\nbad.example CNAME .'))).toEqual(['1: a record without a name, and none before it']);
  });
});

describe('an export of URLhaus', () => {
  const csv = [
    '# URLhaus', '# id,dateadded,url,url_status,last_online,threat,tags,urlhaus_link,reporter',
    '"1","2025-01-01 00:00:00","http://bad.example/a,b.exe","online","","malware_download","elf,mirai","https://urlhaus.example/url/1/","x"',
    '"2","2025-01-01","http://[::1","offline",,"malware_download","","",""',
    'http://plain.example/x',
  ].join('\r\n');

  it('is read as CSV, with the columns of its heading or the usual ones', () => {
    const output = read('urlhaus', csv, 'urlhaus.csv');
    expect(listed(output)).toEqual(['bad.example/a,b.exe', 'plain.example/x']);
    expect(names(output)).toEqual(['urlhaus.malware_download (malicious-url)', 'urlhaus.url (malicious-url)']);
    expect(reasons(output)).toEqual(['4: not a URL: its port is no number']);
    expect(listed(read('urlhaus', csv.replace('id,dateadded,url,', 'url,id,dateadded,').replace('"1","2025-01-01 00:00:00","http://bad.example/a,b.exe"', '"http://bad.example/a","1","2025"')))[0]).toBe('bad.example/a');
    expect(listed(read('urlhaus', csv.split('\r\n').slice(2).join('\n')))).toEqual(['bad.example/a,b.exe', 'plain.example/x']);
    expect(listed(read('urlhaus', `id,dateadded,url\n1,2,http://h.example/`))).toEqual(['h.example/']);
  });

  it('is read as JSON by id, as the answer of the API and as a list', () => {
    const one = { url: 'http://bad.example/a', url_status: 'offline', threat: 'phishing', tags: null };
    for (const document of [{ 7: [one], 8: [{ url: 5 }] }, { query_status: 'ok', urls: [one, {}] }, [one, null]]) {
      const output = read('urlhaus', document, 'uh.json');
      expect([listed(output), names(output), output.lines, output.loaded, reasons(output)]).toEqual([['bad.example/a'], ['uh.phishing (phishing)'], 2, 1, ['2: an object without a URL']]);
    }
  });
});

describe('a bundle of STIX 2.1', () => {
  const bundle = (...objects: object[]): object => ({ type: 'bundle', id: 'bundle--1', objects });
  const indicator = (pattern: string, more: object = {}): object => ({ type: 'indicator', pattern, pattern_type: 'stix', valid_from: '2024-01-01T00:00:00Z', ...more });

  it('holds at most 16 comparisons together: each one more would copy all alternatives', () => {
    const set = (count: number): string => `[${Array.from({ length: count }, () => "file:hashes.MD5 = 'x'").join(' AND ')}]`;
    expect(reasons(read('stix', bundle(indicator(set(17)), indicator(set(16)))))).toEqual([
      expect.stringContaining('more than 16 conditions'), expect.stringContaining('not an MD5'),
    ]);
  });

  it('lists the URLs, hosts and files of its indicators under their names', () => {
    const output = read('stix', bundle(
      { type: 'identity', name: 'us' },
      indicator("[url:value = 'http://bad.example/it\\'s']", { name: 'Phishing page\n of May' }),
      indicator("[domain-name:value IN ('a.example', 'b.example') OR ipv4-addr:value = '192.0.2.7/32']"),
      indicator(`[file:hashes.'SHA-256' = '${hex('a', 64)}' OR file:hashes.MD5 = '${hex('b', 32)}'] OR [file:hashes."SHA-1" = '${hex('c', 40)}']`, { name: 'Win.Trojan.X' }),
      indicator(`[file:hashes.MD5 = '${hex('d', 32)}' AND file:hashes.'SHA-256' = '${hex('e', 64)}' AND file:size = 5]`),
      indicator(`[file:hashes.MD5 = '${hex('f', 32)}' AND file:size = 5]`),
    ), 'cti.json');
    expect(listed(output)).toEqual([
      "bad.example/it's", 'a.example/', 'b.example/', '192.0.2.7/',
      hex('a', 64), hex('b', 32), hex('c', 40), hex('e', 64), `${hex('f', 32)}:5`,
    ]);
    expect(names(output)).toEqual(['Phishing page of May (phishing)', 'cti.indicator (malicious-url)', 'Win.Trojan.X (trojan)', 'cti.indicator (unclassified)']);
    expect([output.lines, output.loaded, output.skipped, output.leftOut]).toEqual([6, 5, [], []]);
  });

  it.each<readonly [string, object, string]>([
    ['revoked', indicator("[url:value = 'http://h.example/']", { revoked: true }), 'the indicator is revoked'],
    ['over', indicator("[url:value = 'http://h.example/']", { valid_until: '2025-01-01T00:00:00Z' }), 'the indicator is no longer valid'],
    ['benign', indicator("[url:value = 'http://h.example/']", { indicator_types: ['benign'] }), 'the indicator is benign'],
    ['in another language', indicator('alert tcp', { pattern_type: 'snort' }), 'a pattern in another language than STIX'],
    ['without a pattern', { type: 'indicator' }, 'a pattern that cannot be compared: expected ['],
    ['with a condition more', indicator(`[file:hashes.MD5 = '${hex('a', 32)}' AND file:name = 'x']`), 'conditions that cannot be compared: file:hashes.md5 and file:name'],
    ['of another object', indicator("[email-addr:value = 'a@h.example']"), 'conditions that cannot be compared: email-addr:value'],
    ['of a similar text', indicator("[url:value LIKE 'http://h.example/%']"), 'a pattern that cannot be compared: a comparison with LIKE'],
    ['negated', indicator("[NOT url:value = 'x']"), 'a pattern that cannot be compared: NOT'],
    ['in parentheses', indicator("([url:value = 'x'])"), 'a pattern that cannot be compared: parentheses'],
    ['of a sequence', indicator("[url:value = 'x'] FOLLOWEDBY [url:value = 'y']"), 'a pattern that cannot be compared: several observations, or one within a time'],
    ['within a time', indicator("[url:value = 'x'] WITHIN 5 SECONDS"), 'a pattern that cannot be compared: several observations, or one within a time'],
    ['of no URL', indicator("[url:value = 'mailto:x']"), 'not a URL: it names no host'],
    ['of empty content', indicator("[file:hashes.MD5 = 'd41d8cd98f00b204e9800998ecf8427e']"), 'the hash of empty content: every empty file would be a find'],
    ['of a short hash', indicator("[file:hashes.MD5 = 'abc']"), 'not an MD5, SHA-1 or SHA-256'],
  ])('reports an indicator %s', (_, object, reason) => {
    expect(reasons(read('stix', bundle(object)))).toEqual([`1: ${reason}`]);
  });

  it('counts an indicator that is still valid, and tells which of its parts it left out', () => {
    const output = read('stix', [indicator("[url:value = 'http://h.example/' OR url:value = 'mailto:x' OR mutex:name = 'm']", { valid_until: '2025-01-01T00:00:00.001Z', name: 'N' })]);
    expect([listed(output), output.skipped]).toEqual([['h.example/'], []]);
    expect(output.leftOut).toEqual([
      { line: 1, signature: 'N', reason: 'not a URL: it names no host' },
      { line: 1, signature: 'N', reason: 'conditions that cannot be compared: mutex:name' },
    ]);
  });

  it('has patterns that are taken apart as the standard says', () => {
    const value = fc.string().map((text) => text.replaceAll(/[\\']/g, '\\$&'));
    fc.assert(
      fc.property(fc.array(fc.array(value, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 3 }), (sets) => {
        const pattern = sets.map((set) => `[ ${set.map((one) => `url:value = '${one}'`).join(' AND ')} ]`).join(' OR ');
        const alternatives = sets.map((set) => set.map((one) => ({ path: 'url:value', value: one.replaceAll(/\\(.)/gs, '$1') })));
        expect(parseStixPattern(pattern)).toEqual({ kind: 'alternatives', alternatives });
      }),
      runs,
    );
  });

  it('has patterns of at most 64 KiB and 1000 alternatives', () => {
    const set = (count: number): string => `(${Array.from({ length: count }, (_, i) => `'${i}'`).join(',')})`;
    expect(parseStixPattern(`[url:value IN ${set(1000)}]`)).toMatchObject({ alternatives: { length: 1000 } });
    expect(parseStixPattern(`[url:value IN ${set(1001)}]`).kind).toBe('unsupported');
    expect(parseStixPattern(`[url:value IN ${set(40)} AND url:value IN ${set(26)}]`).kind).toBe('unsupported');
    expect(parseStixPattern(`[url:value = '${'x'.repeat(65_536 - 16)}']`).kind).toBe('alternatives');
    expect(parseStixPattern(`[url:value = '${'x'.repeat(65_537 - 16)}']`).kind).toBe('unsupported');
  });
});

describe('a MISP event', () => {
  const attribute = (type: string, value: string, more: object = {}): object => ({ type, value, to_ids: true, ...more });
  const event = { Event: { info: 'OSINT: Emotet trojan', Attribute: [
    attribute('url', 'http://bad.example/x'), attribute('domain', 'bad.example'), attribute('hostname|port', 'c2.example|443'), attribute('ip-dst', '192.0.2.9'),
    attribute('filename|sha1', `a.exe|${hex('1', 40)}`), attribute('comment', 'hello'), attribute('md5', hex('2', 32), { to_ids: false }),
    attribute('url', 'http://gone.example/', { deleted: true }), attribute('domain', 'no domain'),
  ], Object: [{ name: 'file', Attribute: [
    attribute('md5', hex('3', 32)), attribute('sha256', hex('4', 64)), attribute('size-in-bytes', '77'), attribute('filename', 'x'),
  ] }, { name: 'file', Attribute: [attribute('md5', hex('5', 32)), attribute('size-in-bytes', '78'), attribute('sha256', 'broken')] }, { deleted: true, Attribute: [attribute('url', 'http://h.example/')] }] } };

  it('lists its URLs, hosts and files, of each object the strongest digest', () => {
    for (const document of [event, { response: [event] }, [event], { response: [event, { Event: {} }] }, event.Event]) {
      const output = read('misp', document);
      expect(listed(output)).toEqual(['bad.example/x', 'bad.example/', 'c2.example/', '192.0.2.9/', hex('1', 40), hex('4', 64), `${hex('5', 32)}:78`]);
      expect(reasons(output)).toEqual([
        '7: not meant for detection (to_ids)', '8: deleted', '9: not a domain name', '16: not an MD5, SHA-1 or SHA-256',
      ]);
      expect(names(output)).toEqual(['OSINT: Emotet trojan (trojan)']);
      expect([output.lines, output.loaded]).toEqual([16, 8]);
    }
  });

  it('may be a bare list of attributes, each naming its event', () => {
    const output = read('misp', { response: { Attribute: [attribute('url', 'http://h.example/', { Event: { info: 'One' } })] } }, 'x.json');
    expect([listed(output), names(output)]).toEqual([['h.example/'], ['One (malicious-url)']]);
    expect(names(read('misp', { Attribute: [attribute('url', 'http://h.example/')] }, 'x.json'))).toEqual(['x.attribute (malicious-url)']);
  });
});

describe('a list of Safe Browsing', () => {
  const full = [sha256(toUtf8('bad.example/')), sha256(toUtf8('worse.example/a'))];
  const both = full.map(toHex).sort();
  const base64 = (bytes: Uint8Array): string => Buffer.from(bytes).toString('base64');
  const raw = (width: number, count = 2): Uint8Array => Uint8Array.from(full.slice(0, count).flatMap((hash) => [...hash.subarray(0, width)]));

  it('is read a hash a line, in hex or base64; the beginning of a hash is reported', () => {
    const output = read('safe-browsing', ['# mw', toHex(full[0]!), toBase64Url(full[1]!), base64(full[1]!), 'abcdef01', 'q83vAQ==', 'no hash!'].join('\n'));
    expect(output.hashes.map((one) => toHex(one.hash))).toEqual([toHex(full[0]!), toHex(full[1]!), toHex(full[1]!)]);
    expect(output.hashes[0]).toMatchObject({ kind: 'url', algorithm: 'sha256', disposition: 'malicious', threat: { name: 'feed.url', type: 'malicious-url' } });
    expect(reasons(output)).toEqual([expect.stringMatching(/^5: 4 bytes/), expect.stringMatching(/^6: 4 bytes/), '7: neither hex nor base64']);
  });

  it('is read as the JSON of v4 and v5', () => {
    const addition = (prefixSize: number, bytes: Uint8Array): object => ({ compressionType: 'RAW', rawHashes: { prefixSize, rawHashes: base64(bytes) } });
    const v4 = read('safe-browsing', { listUpdateResponses: [
      { threatType: 'SOCIAL_ENGINEERING', responseType: 'FULL_UPDATE', additions: [addition(32, raw(32)), addition(4, raw(4)), addition(32, raw(31)), { riceHashes: {} }] },
      { threatType: 'MALWARE', responseType: 'PARTIAL_UPDATE', additions: [addition(32, raw(32))] },
    ] });
    expect(v4.hashes.map((one) => toHex(one.hash)).sort()).toEqual(both);
    expect([names(v4), v4.lines, v4.loaded, v4.skipped.length]).toEqual([['feed.social-engineering (phishing)'], 5, 1, 4]);
    const found = read('safe-browsing', { fullHashes: [{ fullHash: base64(full[0]!), fullHashDetails: [{ threatType: 'UNWANTED_SOFTWARE' }] }], matches: [{ threatType: 'MALWARE', threat: { hash: base64(full[1]!) } }] });
    expect([found.hashes.length, names(found)]).toEqual([2, ['feed.malware (malicious-url)', 'feed.unwanted-software (unwanted)']]);

    const sorted = Uint8Array.from([...full].sort((a, b) => (toHex(a) < toHex(b) ? -1 : 1)).flatMap((hash) => [...hash]));
    const block = encodeRiceWide(sorted, 32);
    const parts = [0, 8, 16, 24].map((at) => new DataView(block.first.buffer, block.first.byteOffset).getBigUint64(at).toString());
    const additionsThirtyTwoBytes = {
      firstValueFirstPart: parts[0], firstValueSecondPart: parts[1], firstValueThirdPart: parts[2], firstValueFourthPart: parts[3],
      riceParameter: block.parameter, entriesCount: block.count, encodedData: base64(block.data),
    };
    const v5 = read('safe-browsing', { name: 'se-32b', additionsThirtyTwoBytes, additionsFourBytes: { firstValue: 1 } });
    expect(v5.hashes.map((one) => toHex(one.hash)).sort()).toEqual(both);
    expect([names(v5), v5.skipped.length]).toEqual([['feed.se-32b (phishing)'], 1]);
    expect(read('safe-browsing', { hashLists: [{ name: 'mw-32b', additionsThirtyTwoBytes }] }).hashes).toHaveLength(2);
    expect(read('safe-browsing', { name: 'mw-32b', partialUpdate: true, additionsThirtyTwoBytes }).skipped).toHaveLength(1);
    expect(read('safe-browsing', { name: 'mw-32b', additionsThirtyTwoBytes: { ...additionsThirtyTwoBytes, entriesCount: 9 } }).skipped).toHaveLength(1);
    // The global cache lists what is likely safe.
    expect(read('safe-browsing', { name: 'gc-32b', additionsThirtyTwoBytes })).toMatchObject({ hashes: [], loaded: 0, skipped: [{ signature: 'gc-32b' }] });
  });
});

describe('a table of ratings', () => {
  it('rates URLs and domains, with categories', () => {
    const output = read('ratings', 'address,score,categories\nbad.example,5,phishing;new\nhttp://h.example/a/,71\nuntested.example,untested,news\ngood.example,100,\n# c\nx.example,101\ny.example,\nword,7\nz.example,9,"a,b"');
    expect(output.hashes.map((one) => [one.expression, one.disposition, one.score, one.threat.name, one.threat.detail])).toEqual([
      ['bad.example/', 'malicious', 5, 'feed.dangerous', { categories: ['new', 'phishing'] }],
      ['h.example/a/', 'suspicious', 71, 'feed.suspicious', undefined],
      ['untested.example/', 'unknown', 71, 'feed.untested', { categories: ['news'] }],
      ['good.example/', 'clean', 100, 'feed.safe', undefined],
    ]);
    expect(output.skipped.map(({ line }) => line)).toEqual([7, 8, 9, 10]);
  });
});

describe('JSON', () => {
  it('is read to a depth of 64 and a length, and no further', () => {
    const nested = (depth: number): string => '['.repeat(depth) + ']'.repeat(depth);
    expect([readJson(nested(64)).kind, readJson(nested(65)).kind, readJson(`"${'['.repeat(100)}\\"["`).kind]).toEqual(['json', 'fault', 'json']);
    expect([readJson('[1,2]', { maxLength: 5 }).kind, readJson('[1,22]', { maxLength: 5 }).kind]).toEqual(['json', 'fault']);
    expect(readJson('\ufeff{}').kind).toBe('json');
  });

  const formats = ['stix', 'misp', 'urlhaus', 'safe-browsing', 'warninglist'] as const satisfies readonly SourceFormat[];
  const key = fc.constantFrom('type', 'pattern', 'value', 'Event', 'Attribute', 'Object', 'objects', 'response', 'urls', 'url', 'list', 'name', 'info', '__proto__', 'constructor', 'listUpdateResponses', 'additions', 'rawHashes', 'prefixSize', 'additionsThirtyTwoBytes', 'riceParameter', 'entriesCount', 'fullHashes', 'matching_attributes', 'revoked', 'to_ids');
  const word = fc.oneof(fc.constantFrom('indicator', 'url', 'md5', 'http://h.example/', 'h.example', 'hostname', 'substring', 'cidr', hex('a', 32), "[url:value = 'x']", '10.0.0.0/8'), fc.string());
  const { document } = fc.letrec((tie) => ({
    document: fc.oneof({ maxDepth: 5 }, word, fc.integer(), fc.constant(null), fc.boolean(), fc.array(tie('document'), { maxLength: 4 }), fc.dictionary(key, tie('document'), { maxKeys: 4 })),
  }));

  it.each(formats)('of any shape is accounted for as %s and never throws', (format) => {
    fc.assert(
      fc.property(fc.oneof(document.map((value) => JSON.stringify(value)), fc.string(), fc.constantFrom('', '{', '[]', 'null', '{"objects":7}')), (text) => {
        const output = read(format, text);
        expect(output.loaded + output.skipped.length).toBeLessThanOrEqual(output.lines);
        expect(output.lines > 0 || output.hashes.length === 0).toBe(true);
      }),
      { numRuns: runs.numRuns * 5 },
    );
  });

  it('that is none is one line that was skipped', () => {
    for (const format of ['stix', 'misp', 'warninglist'] as const) {
      expect(read(format, '{"objects": [')).toMatchObject({ lines: 1, loaded: 0, skipped: [{ line: 1, reason: 'the document is not JSON' }] });
      expect(read(format, '')).toMatchObject({ lines: 0, loaded: 0, skipped: [] });
    }
  });
});

describe('any text', () => {
  const line = fc.oneof(fc.string(), fc.constantFrom('||a.example^', '@@', '$ORIGIN x.', 'a.example CNAME .', ' A 1.2.3.4', '(', ')', '"', ';', '\\', '||a/b^$', '1,2,http://h.example/', '"', ',,,', 'h.example,5,a;b', hex('a', 64)));
  it.each(['adblock', 'rpz', 'urlhaus', 'safe-browsing', 'ratings'] as const)('is accounted for as %s and never throws', (format) => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 10 }).map((lines) => lines.join('\n')), (text) => {
        const output = read(format, text);
        expect(output.loaded + output.skipped.length).toBeLessThanOrEqual(output.lines);
        expect(/^\ufeff?\s*[{[]/.test(text) || output.lines === text.replace(/^\ufeff/, '').replace(/\n$/, '').split('\n').length || text === '').toBe(true);
      }),
      { numRuns: runs.numRuns * 3 },
    );
  });
});

describe('a hostile source', () => {
  const hostile: Readonly<Record<string, readonly [SourceFormat, (size: number) => string]>> = {
    'brackets': ['stix', (size) => '['.repeat(size)],
    'texts in JSON': ['misp', (size) => `["${'\\"'.repeat(size / 2)}"]`],
    'objects': ['misp', (size) => `[${'{},'.repeat(size / 3)}{}]`],
    'attributes': ['misp', (size) => `{"Attribute":[${'{"type":"md5","value":"a|b"},'.repeat(size / 30)}{}]}`],
    'a pattern of names': ['stix', (size) => `[${`{"type":"indicator","pattern":"${'1-'.repeat(30_000)}"},`.repeat(size / 60_000)}{}]`],
    'a pattern of values': ['stix', (size) => `[${`{"type":"indicator","pattern":"[url:value IN (${"'',".repeat(900)}'')]"},`.repeat(size / 3_000)}{}]`],
    'carets': ['adblock', (size) => `||${'^'.repeat(size)}`],
    'hashes and signs': ['adblock', (size) => `||a.example${'#@$'.repeat(size / 3)}`],
    'slashes': ['adblock', (size) => `/${'/'.repeat(size)}x`],
    'options': ['adblock', (size) => `||a.example^$${'all,'.repeat(size / 4)}all`],
    'parentheses': ['rpz', (size) => '(\n'.repeat(size / 2)],
    'fields': ['rpz', (size) => `a.example ${'A '.repeat(size / 2)}`],
    'commas': ['urlhaus', (size) => ','.repeat(size)],
    'semicolons': ['ratings', (size) => `a.example,5,${';'.repeat(size)}`],
    'entries': ['warninglist', (size) => `{"type":"hostname","list":[${'"a.example",'.repeat(size / 12)}"b"]}`],
  };
  it.each(Object.entries(hostile))('made of %s costs linear time', { retry: 2 }, (_, [format, make]) => {
    const points = measure([65_536, 524_288], make, (text) => readers[format](text, contextOf()));
    expect(fitExponent(points)).toBeLessThan(1.6);
  });
});
