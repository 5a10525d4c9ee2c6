/**
 * From settings and parts to who is asked where the host is: the host's own probe, or a challenge to reference servers
 * beside a look at the gateway. What a probe is made of is loaded with the first look.
 */
import { describeError, VedetteError } from '../base/errors.js';
import type { Clock, Crypto } from '../base/seams.js';
import type { GatewayConfig, ReferenceConfig } from '../engine/location-config.js';
import type { Settings } from '../engine/options.js';
import type { ReadGateways } from '../location/gateway.js';
import { createFixedLocation, type LocationProbe } from '../location/location-probe.js';
import { parsePublicKey } from '../protocol/keys.js';
import type { Transport } from '../query/transport.js';
import { serverTrust } from '../query/wire/server-trust.js';

/** What probes are made of besides the settings. */
export interface LocationParts {
  /** The host's own probe takes the place of all others. */
  readonly own: LocationProbe | undefined;
  readonly transport: Transport;
  readonly crypto: Crypto;
  readonly clock: Clock;
  /** Undefined where the runtime cannot tell its gateways: they then hint at nothing. */
  readonly readGateways: ReadGateways | undefined;
}

/** The probes to ask. Without any the location is external: nothing says otherwise. */
export function probesFrom({ locations }: Pick<Settings, 'locations'>, parts: LocationParts): readonly LocationProbe[] {
  const { references = [], gateways = [] } = locations ?? {};
  if (parts.own !== undefined) {
    return [parts.own];
  }
  const { readGateways } = parts;
  const probes = [
    ...(references.length === 0 ? [] : [referenceProbe(references, parts)]),
    ...(gateways.length === 0 || readGateways === undefined ? [] : [gatewayProbe(gateways, readGateways)]),
  ];
  return probes.length === 0 ? [createFixedLocation('external')] : probes;
}

/** @throws VedetteError `config-invalid` with every reference server that the transport cannot ask. */
export function assertReferences({ locations }: Pick<Settings, 'locations'>, schemes: Transport['schemes']): void {
  const faults = (locations?.references ?? []).flatMap(({ address }, at) => {
    try {
      serverTrust({ id: address, address, scope: 'local' }, schemes, true);
      return [];
    } catch (error) {
      return [{ path: `locations.references.${at}`, message: describeError(error) }];
    }
  });
  if (faults.length > 0) {
    const listing = faults.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
    throw new VedetteError('config-invalid', `the configuration is not valid: ${listing}`, { detail: { faults } });
  }
}

function referenceProbe(references: readonly ReferenceConfig[], parts: LocationParts): LocationProbe {
  return {
    async locate(options) {
      const { createReferenceProbe } = await import('../location/reference-probe.js');
      const servers = references.map(({ address, trust }) => ({ address, keys: trust.map(parsePublicKey) }));
      return createReferenceProbe({ ...parts, servers }).locate(options);
    },
  };
}

function gatewayProbe(gateways: readonly GatewayConfig[], read: ReadGateways): LocationProbe {
  return {
    async locate(options) {
      const { createGatewayProbe } = await import('../location/gateway.js');
      return createGatewayProbe({ gateways, read }).locate(options);
    },
  };
}
