/** The vectors of other clients. Where a client departs from data/url/FACTS.md, what remains of its vector is checked. */
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../../src/base/bytes.js';
import { canonicalizeUrl } from '../../src/fingerprint/url-canonical.js';
import type { CanonicalUrl } from '../../src/fingerprint/url-canonical.js';
import { urlExpressions } from '../../src/fingerprint/url-expressions.js';
import { sharedPath } from '../shared.js';

interface Vector {
  readonly input?: string;
  readonly input_hex?: string;
  readonly expect?: string | readonly string[] | null;
  readonly part?: 'host' | 'path' | 'ipv4' | 'hosts' | 'paths';
  readonly expect_host?: string;
  readonly expect_path?: string;
  readonly expect_query?: string;
  readonly query?: string;
  readonly note?: string;
  readonly source: string;
}

const folder = sharedPath('data/url');
const why = 'the shared test data is not there';
const vectors = (name: string): readonly Vector[] =>
  folder === undefined ? [] : (JSON.parse(readFileSync(`${folder}/${name}`, 'utf8')) as { vectors: Vector[] }).vectors;

/** Go: the canonical URL of this client has lost its query. */
const dropsQuery = (vector: Vector): boolean => vector.query === 'dropped';
/** gglsbl: keeps the port that every other client drops. */
const keepsPort = (vector: Vector): boolean => vector.note?.startsWith('port kept') === true;
/** Go of 2019: seven hosts where the text and Chromium have at most five. */
const sevenHosts = (vector: Vector): boolean => vector.note?.includes('7 hosts') === true;

function canonical(vector: Vector): CanonicalUrl | null {
  const text = vector.part === 'ipv4' ? `http://${vector.input}/` : vector.input;
  const url = canonicalizeUrl(text ?? fromHex(vector.input_hex!)!);
  return url.kind === 'url' ? url : null;
}

function judged(vector: Vector, url: CanonicalUrl | null): unknown {
  if (vector.part === 'path') {
    return url?.path ?? null;
  }
  if (vector.part === 'host' || vector.part === 'ipv4') {
    return url?.host ?? null;
  }
  return url === null ? null : dropsQuery(vector) ? url.canonical.replace(/\?.*$/, '') : url.canonical;
}

const name = (vector: Vector): string => `${vector.input ?? vector.input_hex} (${vector.source}${vector.part === undefined ? '' : `, ${vector.part}`})`;
const named = (file: string): [string, Vector][] => vectors(file).map((vector) => [name(vector), vector]);

describe.skipIf(folder === undefined)(`canonicalization vectors${folder === undefined ? `: ${why}` : ''}`, () => {
  const all = named('canonicalization.json');
  it.each(all.filter(([, vector]) => vector.expect_host === undefined && !keepsPort(vector)))('%s', (_, vector) => {
    expect(judged(vector, canonical(vector))).toEqual(vector.expect);
  });

  it.each(all.filter(([, vector]) => keepsPort(vector)))('but for the port kept by gglsbl: %s', (_, vector) => {
    expect(judged(vector, canonical(vector))).toEqual((vector.expect as string).replace(/:\d+\//, '/'));
  });

  it.each(all.filter(([, vector]) => vector.expect_host !== undefined))('%s', (_, vector) => {
    const url = canonical(vector);
    expect([url?.host ?? '', url?.path ?? '', url?.query ?? '']).toEqual([vector.expect_host, vector.expect_path, vector.expect_query]);
  });

  it('are all judged, two of them as departures', () => {
    expect(all).toHaveLength(83);
    expect(all.filter(([, vector]) => keepsPort(vector))).toHaveLength(2);
  });
});

/** Vectors whose expected text is not what comes out here, as they stand. */
const departures = (all: readonly [string, Vector][], asTheyStand: (vector: Vector) => boolean): string[] =>
  all.flatMap(([title, vector]) => (asTheyStand(vector) ? [] : [title]));

describe.skipIf(folder === undefined)(`departures from other clients${folder === undefined ? `: ${why}` : ''}`, () => {
  it('in the canonical form: Go of 2019 loses the query, gglsbl keeps the port', () => {
    const found = departures(named('canonicalization.json'), (vector) => {
      const url = canonical(vector);
      const whole = vector.part === undefined && vector.expect_host === undefined;
      return !whole || (url?.canonical ?? null) === vector.expect;
    });
    expect(found).toEqual([
      'http://www.google.com/q?r?s (google/safebrowsing urls_test.go TestCanonicalURL)',
      'http://www.google.com/q?r?s%3F (google/safebrowsing urls_test.go TestCanonicalURL)',
      'ftp://google.com:443/abc (afilipovich/gglsbl tests.py)',
      'http://www.gotaport.com:1234/ (afilipovich/gglsbl tests.py)',
    ]);
  });

  it('in the expressions: Go of 2019 makes seven hosts', () => {
    const found = departures(named('expressions.json'), (vector) => {
      const all = expressions(vector);
      return all === null ? vector.expect === null : [...all].sort().join() === [...(vector.expect as string[])].sort().join();
    });
    expect(found).toEqual([
      'https://a.b.c.d.e.f.g.h.i/ (google/safebrowsing TestGeneratePatterns)',
      'http://a.b.c.d.e.f.kita.tokyo.jp (google/safebrowsing TestGenerateLookupHosts, hosts)',
    ]);
  });
});

function expressions(vector: Vector): readonly string[] | null {
  const url = canonical(vector);
  if (url === null) {
    return null;
  }
  const all = urlExpressions(url, { hostRule: 'labels5' });
  const pick = { hosts: (text: string) => text.slice(0, text.indexOf('/')), paths: (text: string) => text.slice(text.indexOf('/')) };
  return vector.part === 'hosts' || vector.part === 'paths' ? [...new Set(all.map(pick[vector.part]))] : all;
}

describe.skipIf(folder === undefined)(`expression vectors${folder === undefined ? `: ${why}` : ''}`, () => {
  const all = named('expressions.json');
  it.each(all.filter(([, vector]) => !sevenHosts(vector)))('%s', (_, vector) => {
    const found = expressions(vector);
    expect(found && [...found].sort()).toEqual(vector.expect && [...(vector.expect as string[])].sort());
  });

  it.each(all.filter(([, vector]) => sevenHosts(vector)))('but for the sixth and seventh host of Go: %s', (_, vector) => {
    const found = expressions(vector)!;
    const [exact, ...shorter] = vector.expect as string[];
    expect(found).toEqual([exact, ...shorter.slice(-4)]);
  });

  it('are all judged, two of them as departures', () => {
    expect(all).toHaveLength(19);
    expect(all.filter(([, vector]) => sevenHosts(vector))).toHaveLength(2);
  });
});

const attacks = sharedPath('data/attacks/ssrf.json');

describe.skipIf(attacks === undefined)(`spellings of internal addresses${attacks === undefined ? `: ${why}` : ''}`, () => {
  const { urls } = attacks === undefined ? { urls: [] } : (JSON.parse(readFileSync(attacks, 'utf8')) as { urls: string[] });
  it.each(urls)('%s does not throw and keeps its canonical form', (text) => {
    const url = canonicalizeUrl(text);
    expect(url.kind === 'url' ? canonicalizeUrl(url.canonical) : url).toEqual(url);
  });

  it.each(urls.filter((url) => /127|0x7f|0177|7f00|2130706433|①/.test(url) && !/nip\.io|evil/.test(url)))('%s is the host 127.0.0.1', (text) => {
    expect(canonicalizeUrl(text)).toMatchObject({ host: '127.0.0.1', hostKind: 'ip' });
  });
});
