/** Options that every foreign service has, and what is wrong with them. */
import { VedetteError } from '../../base/errors.js';
import type { Clock, StateStore } from '../../base/seams.js';
import { createMemoryState } from '../../preset/memory-state.js';
import { createSystemClock } from '../../preset/system-seams.js';
import type { Reply } from '../../query/transport.js';
import type { JsonAnswer, JsonClient, JsonRequest } from './http-json.js';
import { requestJson } from './http-json.js';
import { createPacer } from './pacer.js';
import type { QuotaLimits } from './quota.js';

/** Options of a service that is asked over HTTPS. */
export interface ServiceOptions {
  /** Unique among the sources of an engine. Default: the host of the address. */
  readonly id?: string;
  /** Base address, HTTPS. Default: the service itself. */
  readonly address?: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Clock;
  /** Keeps quota and waits over restarts. Default: memory. */
  readonly state?: StateStore;
  /** Bytes of an answer at most, after decompression. */
  readonly maxBytes?: number;
  /** How long answers may be used. */
  readonly ttlMs?: Partial<AnswerTtl>;
  /** Questions that may be asked, by the plan of the key. */
  readonly limits?: QuotaLimits;
}

/** How long answers may be used, in ms from their receipt. */
export interface AnswerTtl {
  /** Something is known about the hash. Default a day. */
  readonly found: number;
  /** Nothing is known. Default an hour. */
  readonly notFound: number;
}

/** A service behind its quota. */
export interface Service {
  readonly id: string;
  /** Without a slash at its end. */
  readonly address: string;
  readonly ttl: AnswerTtl;
  /** One request, when the quota allows it. Waits that it asks for are remembered. Never rejects. */
  request(request: JsonRequest): Promise<Reply<JsonAnswer>>;
}

/** What a service has where the host says nothing. */
export interface ServiceDefaults {
  readonly name: string;
  readonly address: string;
  readonly maxBytes: number;
  readonly limits: QuotaLimits;
}

/**
 * A service from its options.
 * @throws VedetteError `config-invalid` for an address that is not HTTPS.
 * @throws RangeError for limits and times out of range.
 */
export function createService(options: ServiceOptions, defaults: ServiceDefaults): Service {
  const address = (options.address ?? defaults.address).replace(/\/+$/, '');
  const { host } = checkedHttps(defaults.name, address);
  const id = options.id ?? host;
  const clock = options.clock ?? createSystemClock();
  const pacer = createPacer({ limits: options.limits ?? defaults.limits, clock, state: options.state ?? createMemoryState(), key: `foreign/${id}` });
  const client: JsonClient = { fetch: callableFetch(options.fetch), clock, maxBytes: options.maxBytes ?? defaults.maxBytes };
  return {
    id,
    address,
    ttl: checkedTtl(options.ttlMs),
    async request(request) {
      const admission = await pacer.admit();
      if (admission.kind === 'wait') {
        return admission;
      }
      const { reply, status } = await requestJson(client, request);
      // 503 without a time is a fault that passes, no word about the quota.
      if (reply.kind === 'wait' && (status === 429 || reply.waitMs !== undefined)) {
        return { kind: 'wait', waitMs: await pacer.refused(reply.waitMs) };
      }
      if (reply.kind === 'answer') {
        pacer.answered();
      }
      return reply;
    },
  };
}

/** @throws RangeError for a time that is none. */
export function checkedTtl(ttlMs: Partial<AnswerTtl> | undefined): AnswerTtl {
  const ttl = { found: ttlMs?.found ?? 86_400_000, notFound: ttlMs?.notFound ?? 3_600_000 };
  for (const [name, value] of Object.entries(ttl)) {
    if (!Number.isFinite(value) || value < 0) {
      throw new RangeError(`ttlMs.${name}: expected ms from 0 on, got ${value}`);
    }
  }
  return ttl;
}

/** @throws VedetteError `config-invalid` for a key that no header can carry. */
export function checkedKey(service: string, apiKey: string): string {
  if (!/^[\x21-\x7e]{1,512}$/.test(apiKey)) {
    throw invalid(service, 'apiKey: expected printable characters without spaces');
  }
  return apiKey;
}

/** @throws VedetteError `config-invalid` unless the address is HTTPS. */
export function checkedHttps(service: string, address: string): URL {
  if (!/^https:\/\/[^/]/.test(address) || !URL.canParse(address)) {
    throw invalid(service, `address: ${address} is not HTTPS`);
  }
  return new URL(address);
}

/** The error for a setting that cannot be. */
export function invalid(service: string, fault: string): VedetteError {
  return new VedetteError('config-invalid', `${service}: ${fault}`, { detail: { fault } });
}

/** Called as a property of nothing: browsers refuse a detached `fetch`. */
export function callableFetch(own: typeof fetch | undefined): typeof fetch {
  return own ?? ((input, init) => globalThis.fetch(input, init));
}
