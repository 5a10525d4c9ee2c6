/** Hostile sources cost no more than their length. */
import { describe, expect, it } from 'vitest';
import type { SourceFormat } from '../../src/compile/detect.js';
import { readers } from '../../src/compile/readers/index.js';
import { fitExponent, measure } from '../support/complexity.js';
import { contextOf } from './context.js';

// Far apart: what else runs on the machine must not pass for growth.
const sizes = [32_768, 524_288];
const md5 = '5eb63bbbe01eeed093cb22bb8f5acdc3';

const hostile: Readonly<Record<string, (size: number) => string>> = {
  commas: (size) => ','.repeat(size),
  quotes: (size) => '"'.repeat(size),
  'quotes and commas': (size) => '","'.repeat(size / 3),
  blanks: (size) => `${' '.repeat(size)}x`,
  'blanks and tabs': (size) => ' \t'.repeat(size / 2),
  'comments that look like headings': (size) => '# a,b\n'.repeat(size / 6),
  colons: (size) => ':'.repeat(size),
  'a name without end': (size) => `${md5}:1:${'a.'.repeat(size / 2)}`,
  'empty lines': (size) => '\n'.repeat(size),
  'carriage returns': (size) => '\r'.repeat(size),
  hashes: (size) => `${md5},`.repeat(size / 33),
};

/** What a logical signature has that other formats have not. */
const hostileLogical: Readonly<Record<string, (size: number) => string>> = {
  semicolons: (size) => ';'.repeat(size),
  'slashes and semicolons': (size) => `T;Target:0;0;${'/;'.repeat(size / 2)}`,
  'attributes of a description': (size) => `T;${'Target:0,'.repeat(size / 9)};0;aabb`,
  'open parentheses': (size) => `T;Target:0;${'('.repeat(size)};aabb`,
  'operators': (size) => `T;Target:0;0${'&0'.repeat(size / 2)};aabb`,
  'counts': (size) => `T;Target:0;0${'=1'.repeat(size / 2)};aabb`,
  'counts without numbers': (size) => `T;Target:0;0${'= '.repeat(size / 2)};aabb`,
  'a long body': (size) => `T;Target:0;0;${'aa'.repeat(size / 2)}::iwa`,
  'braces in a wide body': (size) => `T;Target:0;0;aabb${'{'.repeat(size / 2)}${'['.repeat(size / 2)}::w`,
  'braces and brackets in turn': (size) => `T;Target:0;0;aabb${'{['.repeat(size / 2)}::w`,
  'gaps': (size) => `T;Target:0;0;aabb${'*ccdd'.repeat(size / 5)}`,
  'alternatives': (size) => `T;Target:0;0;aabb(${'aa|'.repeat(size / 3)}bb)`,
  'nested alternatives': (size) => `T;Target:0;0;aabb${'('.repeat(size)}`,
  'an expression': (size) => `T;Target:0;0&1;aabb;0/${'a'.repeat(size)}/`,
  'flags of an expression': (size) => `T;Target:0;0&1;aabb;0/a/${'i'.repeat(size)}`,
  'colons behind an expression': (size) => `T;Target:0;0&1;aabb;0/a/${':'.repeat(size)}`,
  'a byte comparison': (size) => `T;Target:0;0&1;aabb;0(>>0#hb4#=${'1'.repeat(size)})`,
  'conditions of a byte comparison': (size) => `T;Target:0;0&1;aabb;0(>>0#hb4#${'=1,'.repeat(size / 3)})`,
  'a macro': (size) => `T;Target:0;0&1;aabb;\${${'1'.repeat(size)}-2}3$`,
  'intermediates': (size) => `T;Engine:81-255,Target:0,Intermediates:${'CL_TYPE_ZIP>'.repeat(size / 12)};0;aabb`,
};

/** What feeds and lists of URLs have, each for the format that it is meant for. */
const hostileFeeds: Readonly<Record<string, readonly [SourceFormat, (size: number) => string]>> = {
  'a pattern of alternatives that all have to hold': ['stix', (size) => stixOf(`[a:b IN (${'1,'.repeat(999)}1)${' AND a:b=1'.repeat(size / 10)}]`)],
  'patterns of conditions': ['stix', (size) => stixOf(`[a:b=1${' AND a:b=1'.repeat(size / 10)}]`)],
  'an object with many digests': ['misp', (size) => JSON.stringify({ Event: { Object: [{ Attribute: Array.from({ length: size / 64 }, () => ({ type: 'md5', value: md5 })) }] } })],
  'carets': ['adblock', (size) => `||${'^'.repeat(size)}`],
  'labels of a zone': ['rpz', (size) => `$ORIGIN z.\n${'a.'.repeat(size / 2)} CNAME .`],
  'origins under origins': ['rpz', (size) => '$ORIGIN z\n'.repeat(size / 10)],
};

function stixOf(pattern: string): string {
  return JSON.stringify({ type: 'bundle', objects: [{ type: 'indicator', pattern, pattern_type: 'stix' }] });
}

describe('a hostile source', () => {
  const cost = (make: (size: number) => string, formats: readonly SourceFormat[]): number =>
    fitExponent(measure(sizes, make, (text) => formats.forEach((format) => readers[format](text, contextOf()))));

  it.each(Object.entries(hostile))('made of %s costs linear time', { retry: 2 }, (_, make) => {
    expect(cost(make, ['hashes', 'approved-hashes', 'hdb', 'fp', 'mdb', 'imp', 'ign2', 'ndb', 'ldb', 'cdb'])).toBeLessThan(1.6);
  });

  it.each(Object.entries(hostileLogical))('of a logical signature made of %s costs linear time', { retry: 2 }, (_, make) => {
    expect(cost(make, ['ldb'])).toBeLessThan(1.6);
  });

  it.each(Object.entries(hostileFeeds))('of a feed with %s costs linear time', { retry: 2 }, (_, [format, make]) => {
    expect(cost(make, [format])).toBeLessThan(1.6);
  });
});
