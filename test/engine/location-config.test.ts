/** What a configuration may say about locations, and what it may not. */
import { describe, expect, it } from 'vitest';
import { parseConfig, settingsFrom } from '../../src/engine/options.js';
import { createEngine } from '../../src/preset/portable.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import { stranger, trusted } from '../support/wire-fixtures.js';

const key = formatPublicKey(trusted.publicKey);
const otherKey = formatPublicKey(stranger.publicKey);
const global = { address: 'https://global.example', scope: 'global', trust: [key] };
const local = { address: 'http://10.1.0.11:8080', scope: 'local', trust: [key] };
const whole = {
  locations: {
    references: [{ address: 'http://10.1.0.13', trust: [otherKey] }],
    gateways: [{ address: '10.1.0.1' }, { address: 'fe80::1', mac: '02:00:5e:10:00:01' }],
    recheckMs: 60_000,
    watchMs: 5_000,
    internal: { servers: [local], order: 'random', fallback: true, mayAsk: ['file', 'url'], level: 'low', unknown: { any: 'allow' }, updates: ['http://10.1.0.14/updates'] },
    external: { servers: [global], order: 'listed', mayAsk: ['file'], level: 'high', unknown: { unreachable: 'hold' }, updates: ['https://updates.example'] },
  },
};

/** The paths of the faults. */
function faults(config: unknown): string[] {
  try {
    parseConfig(config);
    return [];
  } catch (error) {
    const { detail } = error as { detail: { faults: readonly { path: string }[] } };
    return detail.faults.map(({ path }) => path);
  }
}

const withExternal = (...servers: object[]): object => ({ locations: { external: { servers } } });

describe('a configuration of locations', () => {
  it('may say all of it, or nothing', () => {
    expect(faults(whole)).toEqual([]);
    expect(faults({ locations: {} })).toEqual([]);
    expect(faults({ locations: { external: { servers: [] } } })).toEqual([]);
  });

  it.each<[string, unknown, string[]]>([
    ['an external server over HTTP', withExternal({ ...global, address: 'http://global.example' }), ['locations.external.servers.0.address']],
    ['an external server over HTTP on loopback', withExternal({ address: 'http://127.0.0.1', scope: 'global' }), ['locations.external.servers.0.address']],
    ['a local server outside', withExternal(global, local), ['locations.external.servers.1.scope']],
    ['a local server outside, over HTTPS', withExternal({ ...global, scope: 'local' }), ['locations.external.servers.0.scope']],
    ['a local server everywhere, beside locations', { servers: [local], locations: {} }, ['servers.0.scope']],
    ['one server twice', withExternal(global, global), ['locations.external.servers.1.address']],
    ['no scheme', withExternal({ ...global, address: 'global.example' }), ['locations.external.servers.0.address']],
    ['a fallback outside', { locations: { external: { fallback: true } } }, ['locations.external.fallback']],
    ['a reference without a key', { locations: { references: [{ address: 'http://10.1.0.13', trust: [] }] } }, ['locations.references.0.trust']],
    ['a reference by the key of an external server', { locations: { references: [{ address: 'http://10.1.0.13', trust: [otherKey, key] }], external: { servers: [global] } } }, ['locations.references.0.trust.1']],
    ['a gateway that is a name', { locations: { gateways: [{ address: 'gateway.example' }] } }, ['locations.gateways.0.address']],
    ['a MAC address that is none', { locations: { gateways: [{ address: '10.1.0.1', mac: '02:00' }] } }, ['locations.gateways.0.mac']],
    ['updates over HTTP outside', { locations: { external: { updates: ['http://updates.example'] } } }, ['locations.external.updates.0']],
    ['a kind that is none', { locations: { internal: { mayAsk: ['mail'] } }, query: { mayAsk: ['file', 'x'] } }, ['locations.internal.mayAsk.0', 'query.mayAsk.1']],
    ['another location', { locations: { moon: {} } }, ['locations.moon']],
    ['an access that is none', { locations: { internal: { unknown: { any: 'perhaps' } } } }, ['locations.internal.unknown.any']],
    ['too quick a look', { locations: { recheckMs: 10, watchMs: 1 } }, ['locations.recheckMs', 'locations.watchMs']],
  ])('with %s is refused, by its path', (_, config, paths) => {
    expect(faults(config).sort()).toEqual(paths.sort());
  });

  it.each<[string, object, string]>([
    ['of a scheme that the transport does not know', { ...global, address: 'ftp://global.example' }, 'locations.external.servers.0'],
    ['that no key vouches for', { ...global, trust: [] }, 'locations.external.servers.0'],
  ])('with an external server %s makes no engine', (_, server, path) => {
    expect(() => createEngine({ locations: { external: { servers: [server as typeof global & { scope: 'global' }] } } })).toThrow(path);
  });

  it('with a reference that cannot be asked makes no engine', () => {
    expect(() => createEngine({ locations: { references: [{ address: 'gopher://10.1.0.13', trust: [key] }] } })).toThrow('locations.references.0');
  });

  it('is checked in both locations when the engine is made, wherever it is', () => {
    const faulty = { ...local, trust: [] as string[], scope: 'local' as const };
    expect(() => createEngine({ locations: { internal: { servers: [faulty] }, external: { servers: [] } } })).toThrow('locations.internal.servers.0');
  });
});

describe('the settings of locations', () => {
  it('give each its level and what may be asked about', () => {
    const settings = settingsFrom(parseConfig(whole));
    expect(settings.level).toEqual({ internal: 'low', external: 'high' });
    expect(settings.mayAsk).toEqual({ internal: ['file', 'url'], external: ['file'] });
    expect(settings.updates).toEqual(['https://updates.example']);
  });

  it('leave what is said for everywhere where a profile says nothing', () => {
    const settings = settingsFrom(parseConfig({ level: 'high', query: { mayAsk: ['url'] }, locations: { internal: { level: 'low', mayAsk: [] } } }));
    expect(settings.level).toEqual({ internal: 'low', external: 'high' });
    expect(settings.mayAsk).toEqual({ internal: [], external: ['url'] });
    expect(settingsFrom({}).mayAsk).toEqual({});
  });
});
