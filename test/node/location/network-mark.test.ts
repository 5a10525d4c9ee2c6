import type { NetworkInterfaceInfo } from 'node:os';
import { describe, expect, it } from 'vitest';
import type { Gateway } from '../../../src/location/gateway.js';
import { createNetworkMark } from '../../../src/node/location/network-mark.js';

type Interfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

function address(text: string, changes: Partial<NetworkInterfaceInfo> = {}): NetworkInterfaceInfo {
  return { address: text, netmask: '255.255.255.0', family: 'IPv4', mac: '02:00:00:00:00:01', internal: false, cidr: `${text}/24`, ...changes } as NetworkInterfaceInfo;
}

interface Machine {
  interfaces: Interfaces;
  gateways: Gateway[];
  carrierChanges: string;
}

function machine(platform: NodeJS.Platform = 'linux'): { readonly now: Machine; readonly mark: () => Promise<string> } {
  const now: Machine = { interfaces: { eth0: [address('192.0.2.57')] }, gateways: [{ address: '192.0.2.1', mac: '02:fc:00:00:00:05' }], carrierChanges: '2\n' };
  const mark = createNetworkMark({
    platform,
    interfaces: () => now.interfaces,
    readGateways: async () => now.gateways,
    system: { file: async () => now.carrierChanges, run: () => Promise.reject(new Error('nothing is run')) },
  });
  return { now, mark };
}

describe('the mark of the network', () => {
  const changes: [string, (now: Machine) => void, boolean][] = [
    ['nothing', () => undefined, false],
    ['another address', (now) => (now.interfaces = { eth0: [address('198.51.100.57')] }), true],
    ['another interface', (now) => (now.interfaces = { ...now.interfaces, wlan0: [address('203.0.113.9')] }), true],
    ['an interface that is gone', (now) => (now.interfaces = {}), true],
    ['the order of interfaces', (now) => (now.interfaces = { lo: [address('127.0.0.1', { internal: true })], ...now.interfaces }), false],
    ['a container that came, with a link-local address only', (now) => (now.interfaces = { ...now.interfaces, veth1: [address('fe80::1')] }), false],
    ['another gateway', (now) => (now.gateways = [{ address: '192.0.2.254' }]), true],
    ['another machine at the address of the gateway', (now) => (now.gateways = [{ address: '192.0.2.1', mac: '02:fc:00:00:00:06' }]), true],
    ['a gateway that the system has forgotten for a while', (now) => (now.gateways = [{ address: '192.0.2.1' }]), false],
    ['a link that was down in between', (now) => (now.carrierChanges = '4\n'), true],
  ];

  it.each(changes)('shows %s', async (_, change, shown) => {
    const { now, mark } = machine();
    const before = await mark();
    change(now);
    expect((await mark()) !== before).toBe(shown);
  });

  it('does not take the first word about a gateway for a change', async () => {
    const { now, mark } = machine();
    now.gateways = [{ address: '192.0.2.1' }];
    const before = await mark();
    now.gateways = [{ address: '192.0.2.1', mac: '02:fc:00:00:00:05' }];
    expect(await mark()).toBe(before);
  });

  it('remembers the gateway over the time in which it was forgotten', async () => {
    const { now, mark } = machine();
    const before = await mark();
    now.gateways = [{ address: '192.0.2.1' }];
    await mark();
    now.gateways = [{ address: '192.0.2.1', mac: '02:fc:00:00:00:06' }];
    expect(await mark()).not.toBe(before);
  });

  it('is made of addresses alone where gateways are told by programs', async () => {
    const { now, mark } = machine('win32');
    const before = await mark();
    now.gateways = [];
    expect(await mark()).toBe(before);
    now.interfaces = {};
    expect(await mark()).not.toBe(before);
  });

  it('of this machine is the same twice', async () => {
    const mark = createNetworkMark();
    const first = await mark();
    expect(await mark()).toBe(first);
  });
});
