/**
 * The gateway as a hint: which of the gateways that the configuration names this machine sends its traffic to. Anybody
 * who runs a network can give a machine such a gateway, so it only says which servers may be near.
 */
import { canonicalIp, canonicalMac } from '../base/ip-address.js';
import { throwIfAborted } from '../base/errors.js';
import type { Signal } from '../base/seams.js';
import type { LocationProbe } from './location-probe.js';

/** A gateway: as the configuration names it, or as the system does. */
export interface Gateway {
  /** IPv4 or IPv6. */
  readonly address: string;
  /** Of a configured one: it must be this one as well. Of a seen one: as far as the system knows. */
  readonly mac?: string | undefined;
}

/** Reads the gateways of this machine. */
export type ReadGateways = (options: Signal) => Promise<readonly Gateway[]>;

/** The configured gateway that is one of those seen. Pure; spelling plays no part, an unknown MAC is not the one that is asked for. */
export function matchingGateway(configured: readonly Gateway[], seen: readonly Gateway[]): Gateway | undefined {
  return configured.find((one) => seen.some((other) => isSame(one, other)));
}

/** A hint: internal while one of these gateways is in use. */
export function createGatewayProbe(options: { readonly gateways: readonly Gateway[]; readonly read: ReadGateways }): LocationProbe {
  return {
    async locate({ signal }) {
      throwIfAborted(signal);
      const match = matchingGateway(options.gateways, await options.read({ signal }));
      throwIfAborted(signal);
      return match === undefined
        ? { location: 'external', by: 'no known gateway', proof: 'hint' }
        : { location: 'internal', by: `gateway ${match.address}`, proof: 'hint' };
    },
  };
}

function isSame(configured: Gateway, seen: Gateway): boolean {
  const address = canonicalIp(configured.address);
  if (address === undefined || address !== canonicalIp(seen.address)) {
    return false;
  }
  return configured.mac === undefined || (seen.mac !== undefined && canonicalMac(configured.mac) !== undefined && canonicalMac(configured.mac) === canonicalMac(seen.mac));
}
