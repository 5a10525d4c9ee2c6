import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isLiteralLoopback, serverTrust } from '../../src/query/wire/server-trust.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import { sharedPath } from '../shared.js';
import { crypto, serverAt, transportOver } from '../support/wire-fixtures.js';

const schemes = { http: 'plain', https: 'secure', 'in-process': 'secure', bus: 'secure', udp: 'plain' } as const;

type Scope = 'local' | 'global';
const table: [address: string, scope: Scope, hasKeys: boolean, trust: 'signed' | 'unsigned' | 'refused'][] = [
  ['https://r.example', 'global', true, 'signed'],
  ['https://r.example/base/', 'local', true, 'signed'],
  ['https://r.example', 'global', false, 'refused'],
  ['https://r.example', 'local', false, 'refused'],
  ['http://r.example', 'global', true, 'refused'],
  ['http://127.0.0.1', 'global', true, 'refused'],
  ['http://r.example', 'local', true, 'signed'],
  ['http://r.example', 'local', false, 'refused'],
  ['http://127.0.0.1:80', 'local', false, 'unsigned'],
  ['HTTP://127.255.0.3:8080/base', 'local', false, 'unsigned'],
  ['http://[::1]:8080', 'local', false, 'unsigned'],
  ['https://127.0.0.1', 'global', false, 'unsigned'],
  ['http://127.0.0.1', 'local', true, 'signed'],
  ['http://localhost:8080', 'local', false, 'refused'],
  ['http://localhost:8080', 'local', true, 'signed'],
  ['http://127.0.0.1.nip.io', 'local', false, 'refused'],
  ['http://127.0.0.1@r.example', 'local', false, 'refused'],
  ['http://user@127.0.0.1', 'local', true, 'refused'],
  ['http://127.0.0.1?x', 'local', true, 'refused'],
  ['http://127.0.0.1/#x', 'local', true, 'refused'],
  ['http://127.0.0.999', 'local', false, 'refused'],
  ['http://', 'local', true, 'refused'],
  ['in-process:main', 'local', false, 'unsigned'],
  ['in-process:main', 'local', true, 'signed'],
  ['bus:topic', 'local', false, 'refused'],
  ['bus:topic', 'global', true, 'signed'],
  ['udp://r.example', 'local', true, 'signed'],
  ['udp://r.example', 'global', true, 'refused'],
  ['gopher://r.example', 'local', true, 'refused'],
  ['constructor:x', 'local', true, 'refused'],
  ['r.example', 'local', true, 'refused'],
  ['', 'local', true, 'refused'],
];

function outcome(address: string, scope: Scope, hasKeys: boolean): string {
  try {
    return serverTrust(serverAt(address, scope), schemes, hasKeys);
  } catch (error) {
    expect(error).toMatchObject({ code: 'config-invalid', detail: { server: 'srv' } });
    return 'refused';
  }
}

describe('whether a server may be asked', () => {
  it.each(table)('%s (%s, keys: %s) is %s', (address, scope, hasKeys, expected) => {
    expect(outcome(address, scope, hasKeys)).toBe(expected);
  });

  it('is no to an in-process scheme that the transport does not call secure', () => {
    expect(() => serverTrust(serverAt('in-process:x'), { 'in-process': 'plain' }, false)).toThrow(/srv/);
  });

  const ssrf = sharedPath('data/attacks/ssrf.json');
  it.skipIf(ssrf === undefined)('is no to every spelling of an inner address but the two literal ones (needs the shared data)', () => {
    const { urls } = JSON.parse(readFileSync(ssrf!, 'utf8')) as { urls: string[] };
    expect(urls.filter((url) => outcome(url, 'local', false) !== 'refused')).toEqual(['http://127.0.0.1/', 'http://[::1]/']);
    expect(urls.filter(isLiteralLoopback)).toEqual(['http://127.0.0.1/', 'http://[::1]/']);
  });

  it('sabotage: a check that believes the parsed host name lets other spellings through', () => {
    const lenient = (address: string): boolean => /^(127\.|localhost$|\[::1\])/.test(new URL(address).hostname);
    const others = ['http://2130706433/', 'http://localhost/', 'http://127.0.0.1.nip.io/'];
    expect(others.map(lenient)).toEqual([true, true, true]);
    expect(others.map(isLiteralLoopback)).toEqual([false, false, false]);
  });

  it('is decided when the source is made, before anything is sent', () => {
    let sent = 0;
    const transport = transportOver(() => {
      sent++;
      return new Uint8Array(0);
    });
    const make = (trust: Uint8Array[]): unknown =>
      createWireSource({ transport, server: serverAt('http://localhost'), trust, crypto, clock: { now: () => 0 } });
    expect(() => make([])).toThrow(/server srv/);
    expect(() => make([new Uint8Array(32)])).toThrow(expect.objectContaining({ code: 'config-invalid' }) as Error);
    expect(sent).toBe(0);
  });
});
