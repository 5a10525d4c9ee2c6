import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { neighboursOf } from '../../../src/node/location/neighbour-texts.js';
import { meetGateway } from '../../../src/node/location/meet-gateway.js';
import { createReadGateways } from '../../../src/node/location/read-gateways.js';
import { gatewaysOfNetstat, gatewaysOfProcIpv6Route, gatewaysOfProcRoute, gatewaysOfRoutePrint } from '../../../src/node/location/route-texts.js';
import type { SystemText } from '../../../src/node/location/system-text.js';
import { fitExponent, measure } from '../../support/complexity.js';
import * as texts from './texts.js';

const runs = Number(process.env['FUZZ_RUNS'] ?? 100);

/** A system that says these things, and fails for everything else. */
function saying(known: Readonly<Record<string, string>>): SystemText {
  const say = async (what: string): Promise<string> => {
    const text = known[what];
    if (text === undefined) {
      throw Object.assign(new Error('no such thing'), { code: 'ENOENT' });
    }
    return text;
  };
  return { file: say, run: (program, args) => say([program, ...args].join(' ')) };
}

describe('gateways by what systems say', () => {
  it('are the default routes of Linux that are up and lead somewhere', () => {
    expect(gatewaysOfProcRoute(texts.linuxRoute, 'LE')).toEqual(['192.0.2.1', '198.51.100.254']);
  });

  it('are read in the byte order of the machine', () => {
    const big = texts.linuxRoute.replaceAll('010200C0', 'C0000201').replaceAll('FE6433C6', 'C63364FE');
    expect(gatewaysOfProcRoute(big, 'BE')).toEqual(['192.0.2.1', '198.51.100.254']);
  });

  it('are those of IPv6 as well', () => {
    expect(gatewaysOfProcIpv6Route(texts.linuxIpv6Route)).toEqual(['fd00::1', 'fe80::1']);
  });

  it('are the default routes of macOS, of IPv4 and IPv6', () => {
    expect(gatewaysOfNetstat(texts.macosNetstat)).toEqual(['192.0.2.1', 'fe80::1', 'fe80::']);
    expect(gatewaysOfNetstat(texts.oldMacosNetstat)).toEqual(['192.0.2.1']);
  });

  it('are the active default routes of Windows, in every language', () => {
    expect(gatewaysOfRoutePrint(texts.windowsRoutePrint)).toEqual(['192.0.2.1', 'fe80::1', 'fd00:aaaa:bbbb:cccc:dddd:eeee:ffff:1']);
    expect(gatewaysOfRoutePrint(texts.germanRoutePrint)).toEqual(['192.0.2.1']);
  });

  it('have the MAC addresses that the system knows', () => {
    expect([...neighboursOf(texts.linuxArp)]).toEqual([['192.0.2.1', '02:fc:00:00:00:05']]);
    expect(neighboursOf(texts.macosArp).get('192.0.2.1')).toBe('02:fc:00:00:00:05');
    expect(neighboursOf(texts.macosNdp).get('fe80::1')).toBe('02:fc:00:00:00:05');
    expect(neighboursOf(texts.windowsArp).get('192.0.2.1')).toBe('02:fc:00:00:00:05');
    expect(neighboursOf(texts.windowsArp).has('192.0.2.255')).toBe(false);
    expect(neighboursOf(texts.windowsNeighbors).get('fe80::1')).toBe('02:fc:00:00:00:05');
    expect(neighboursOf(texts.windowsNeighbors).has('fe80::216:eaff:fef5:dac4')).toBe(false);
  });

  it.each<[string, (text: string) => unknown]>([
    ['/proc/net/route', (text) => gatewaysOfProcRoute(text, 'LE')],
    ['/proc/net/ipv6_route', gatewaysOfProcIpv6Route],
    ['netstat', gatewaysOfNetstat],
    ['route print', gatewaysOfRoutePrint],
    ['neighbours', neighboursOf],
  ])('are not invented, and nothing throws, for any text in place of %s', (_, read) => {
    const words = fc.constantFrom('default', '0.0.0.0', '::/0', '1', '25', '00000000', '0003', 'UGSc', '\t', ' ', '\n', '\r\n', '  ', 'fe80::', '%', '00', 'x');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(words).map((some) => some.join(' '))), (text) => {
        read(text);
      }),
      { numRuns: runs },
    );
  });

  it('take time in proportion to the text', () => {
    for (const read of [gatewaysOfNetstat, gatewaysOfRoutePrint, gatewaysOfProcIpv6Route, (text: string) => gatewaysOfProcRoute(text, 'LE'), neighboursOf]) {
      const points = measure([4_000, 16_000, 64_000], (n) => ' ::/0 \n'.repeat(n / 8) + ' '.repeat(n) + '0.0.0.0 '.repeat(n / 8), read);
      expect(fitExponent(points)).toBeLessThanOrEqual(1.6);
    }
  });
});

describe('reading the gateways of this machine', () => {
  const linux = { '/proc/net/route': texts.linuxRoute, '/proc/net/ipv6_route': texts.linuxIpv6Route, '/proc/net/arp': texts.linuxArp };
  const macos = { '/usr/sbin/netstat -rn': texts.macosNetstat, '/usr/sbin/arp -an': texts.macosArp, '/usr/sbin/ndp -an': texts.macosNdp };
  const windows = {
    'W:\\System32\\route.exe print': texts.windowsRoutePrint,
    'W:\\System32\\arp.exe -a': texts.windowsArp,
    'W:\\System32\\netsh.exe interface ipv6 show neighbors': texts.windowsNeighbors,
  };

  it.each<[NodeJS.Platform, Readonly<Record<string, string>>]>([
    ['linux', linux],
    ['darwin', macos],
    ['win32', windows],
  ])('asks what comes with %s', async (platform, known) => {
    const found = await createReadGateways({ platform, system: saying(known), endianness: 'LE', systemRoot: 'W:' })({});
    expect(found).toContainEqual({ address: '192.0.2.1', mac: '02:fc:00:00:00:05' });
    expect(found.map((one) => one.address)).toContain('fe80::1');
  });

  it('does without MAC addresses and without IPv6 where the system has none', async () => {
    const read = createReadGateways({ platform: 'linux', system: saying({ '/proc/net/route': texts.linuxRoute }), endianness: 'LE' });
    expect(await read({})).toEqual([{ address: '192.0.2.1' }, { address: '198.51.100.254' }]);
  });

  it('meets those whose MAC address the system has forgotten, only where it may, and asks the system again', async () => {
    const known: Record<string, string> = { '/proc/net/route': texts.linuxRoute, '/proc/net/arp': '' };
    const met: string[] = [];
    const meet = async (address: string): Promise<void> => {
      met.push(address);
      known['/proc/net/arp'] = texts.linuxArp;
    };
    const how = { platform: 'linux', system: saying(known), endianness: 'LE' } as const;
    expect(await createReadGateways(how)({})).toEqual([{ address: '192.0.2.1' }, { address: '198.51.100.254' }]);
    expect(met).toEqual([]);
    const read = createReadGateways({ ...how, meet });
    expect(await read({})).toEqual([{ address: '192.0.2.1', mac: '02:fc:00:00:00:05' }, { address: '198.51.100.254' }]);
    expect(await read({})).toContainEqual({ address: '192.0.2.1', mac: '02:fc:00:00:00:05' });
    expect(met).toEqual(['192.0.2.1', '198.51.100.254', '198.51.100.254']);
  });

  it('gives up on a gateway that cannot be met', async () => {
    await expect(Promise.all(['127.0.0.1', 'fe80::1', '::1', 'no address'].map((address) => meetGateway(address)))).resolves.toBeDefined();
  });

  it('fails where nothing can be said', async () => {
    await expect(createReadGateways({ platform: 'darwin', system: saying({}) })({})).rejects.toThrow('no such thing');
  });

  it('knows none on other systems', async () => {
    expect(await createReadGateways({ platform: 'sunos', system: saying({}) })({})).toEqual([]);
  });

  it.skipIf(process.platform !== 'linux')('reads the real ones on Linux', async () => {
    for (const { address } of await createReadGateways()({})) {
      expect(address).toMatch(/^[0-9a-f.:]+$/);
    }
  });
});
