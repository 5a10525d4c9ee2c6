/** What the configuration says about locations: how they are told apart, and what holds in each of them. */
import type { WebLevel } from '../action/policy.js';
import type { FingerprintKind } from '../base/fingerprint.js';
import type { Access, Reason } from '../base/verdict.js';
import type { ServerConfig } from './options.js';

/** What holds in one location. What is absent is as in the rest of the configuration. */
export interface LocationProfile {
  /** Who is asked here. `[]`: nobody; what the local patterns cannot tell is then flagged and asked about elsewhere. */
  readonly servers?: readonly ServerConfig[] | undefined;
  readonly order?: 'listed' | 'random' | undefined;
  /** What may be asked about here; `[]`: nothing. */
  readonly mayAsk?: readonly FingerprintKind[] | undefined;
  /** How strictly ratings of URLs are taken here. */
  readonly level?: WebLevel | undefined;
  /** What follows here for what cannot be verified, by reason. `any` takes the place of all that the policy says. */
  readonly unknown?: Readonly<Partial<Record<Reason | 'any', Access>>> | undefined;
  /** Addresses of repositories that updates come from here. */
  readonly updates?: readonly string[] | undefined;
}

/** A server that proves to those who can reach it that they are inside. */
export interface ReferenceConfig {
  readonly address: string;
  /** Public keys (`ed25519:…`) that it may prove itself by. None of them may be that of an external server. */
  readonly trust: readonly string[];
}

/** A gateway of the internal network. */
export interface GatewayConfig {
  /** IPv4 or IPv6. */
  readonly address: string;
  /** It counts with this MAC address only. */
  readonly mac?: string | undefined;
}

/** Locations: whoever proves nothing is external. */
export interface LocationsConfig {
  /** Holds where a reference server, or the host's own `parts.location`, says so. */
  readonly internal?: (LocationProfile & {
    /** When no internal server answers, the external ones are asked (false). */
    readonly fallback?: boolean | undefined;
  }) | undefined;
  /** Holds everywhere else. Its servers are global ones, asked over HTTPS. */
  readonly external?: LocationProfile | undefined;
  readonly references?: readonly ReferenceConfig[] | undefined;
  /** Only order the servers: external ones that are internal ones as well are asked first behind such a gateway. */
  readonly gateways?: readonly GatewayConfig[] | undefined;
  /** How often the place is looked at when nothing happens (3,600,000). */
  readonly recheckMs?: number | undefined;
  /** How often the network is looked at for changes, where the runtime shows it (5,000). */
  readonly watchMs?: number | undefined;
}
