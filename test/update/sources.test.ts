/** Which sources are asked where, and what is no source. */
import { describe, expect, it } from 'vitest';
import { inNetwork, isNetwork } from '../../src/update/networks.js';
import { orderedSources, sourceFaults, sourceFile, type UpdateSource } from '../../src/update/sources.js';

const sources: readonly UpdateSource[] = [
  { url: 'https://origin.example' },
  { url: 'http://10.0.0.9:7', scope: 'relay', networks: ['10.0.0.0/24'] },
  { url: 'http://mirror.example', scope: 'customer', locations: ['internal'] },
  { url: 'http://10.0.0.8:7', scope: 'relay', networks: ['10.0.0.0/24', 'fd00::/8'] },
];

describe('update sources', () => {
  it.each([
    ['inside, in the range', 'internal', ['10.0.0.77'], ['http://mirror.example', 'http://10.0.0.9:7', 'http://10.0.0.8:7', 'https://origin.example']],
    ['inside, in another range', 'internal', ['10.0.1.77'], ['http://mirror.example', 'https://origin.example']],
    ['inside, by IPv6', 'internal', ['fd00::1%eth0'], ['http://mirror.example', 'http://10.0.0.8:7', 'https://origin.example']],
    ['outside', 'external', ['192.0.2.1'], ['https://origin.example']],
    ['outside, with no address', 'external', [], ['https://origin.example']],
  ])('come in order: %s', (_, location, addresses, expected) => {
    expect(orderedSources(sources, { location, addresses }).map(({ url }) => url)).toEqual(expected);
  });

  it.each([
    ['http://origin.example', 'origin', 1],
    ['http://127.0.0.1:80', 'origin', 0],
    ['http://[::1]:80/x', 'origin', 0],
    ['http://localhost', 'origin', 1],
    ['http://mirror.example/deep/path', 'customer', 0],
    ['https://user@mirror.example', 'customer', 1],
    ['https://mirror.example/?a', 'customer', 1],
    ['file:///etc', 'relay', 1],
    ['', 'customer', 1],
  ] as const)('are addresses that may be asked: %s as %s', (url, scope, faults) => {
    expect(sourceFaults([{ url, scope }])).toHaveLength(faults);
  });

  it('have metadata and targets below them', () => {
    expect(sourceFile({ url: 'https://a.example/b//' }, 'targets', 'filter/x')).toBe('https://a.example/b/targets/filter/x');
  });
});

describe('IP ranges', () => {
  it.each([
    ['10.1.2.3', '10.0.0.0/8', true],
    ['11.1.2.3', '10.0.0.0/8', false],
    ['10.0.0.129', '10.0.0.128/25', true],
    ['10.0.0.127', '10.0.0.128/25', false],
    ['10.0.0.1', '0.0.0.0/0', true],
    ['10.0.0.1', '10.0.0.1', true],
    ['::ffff:10.0.0.1', '10.0.0.0/8', true],
    ['fe80::1%eth0', 'fe80::/10', true],
    ['2001:db8::1', '2001:db8::/32', true],
    ['2001:db9::1', '2001:db8::/32', false],
    ['10.0.0.1', '::/0', false],
    ['010.0.0.1', '10.0.0.0/8', false],
    ['1.2.3', '0.0.0.0/0', false],
    ['', '0.0.0.0/0', false],
  ])('%s in %s: %s', (address, range, expected) => {
    expect(inNetwork(address, range)).toBe(expected);
  });

  it.each([['10.0.0.0/33', false], ['::/129', false], ['::1::/8', false], ['1:2:3:4:5:6:7:8:9', false], ['::', true], ['10.0.0.0/08', true], ['x', false]])('%s: %s', (range, expected) => {
    expect(isNetwork(range)).toBe(expected);
  });
});
