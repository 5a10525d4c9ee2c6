/**
 * DNS over HTTPS (RFC 8484): a resolver for every runtime that has `fetch`, and one whose answers nobody on the way can
 * change. The operator of the server that is named here sees every name, and so every hash that is asked about.
 */
import type { Clock } from '../../base/seams.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { replyTo } from '../../preset/http/reply-to.js';
import { maxWaitMs, unnamedWaitMs } from '../../query/decide/server-state.js';
import type { DnsReply, DnsResolver } from './dns.js';
import { encodeQuestion, readResponse } from './dns-message.js';
import { callableFetch, checkedHttps } from './options.js';

/** Options of `createDohResolver`. */
export interface DohResolverOptions {
  /** Of the server, HTTPS, with its path: `https://dns.example/dns-query`. */
  readonly address: string;
  readonly fetch?: typeof fetch;
  readonly clock?: Pick<Clock, 'now' | 'monotonicMs'>;
}

const messageType = 'application/dns-message';
const maxMessageBytes = 65_535;

/** A secure resolver. While it is asked to wait, nothing is sent. @throws VedetteError `config-invalid` for an address that is not HTTPS. */
export function createDohResolver(options: DohResolverOptions): DnsResolver {
  const url = checkedHttps('DNS over HTTPS', options.address).href;
  const call = callableFetch(options.fetch);
  const clock = options.clock ?? createSystemClock();
  // Its own memory: a wait that comes beside answers to other names of one question goes no further than here.
  let waitUntilMs = Number.NEGATIVE_INFINITY;
  return {
    secure: true,
    async resolve(name, type, { signal }): Promise<DnsReply> {
      const leftMs = waitUntilMs - clock.monotonicMs();
      if (leftMs > 0) {
        return { kind: 'wait', waitMs: leftMs };
      }
      const init: RequestInit = { method: 'POST', redirect: 'manual', headers: { accept: messageType, 'content-type': messageType, 'accept-encoding': 'identity' } };
      const body = new Uint8Array(encodeQuestion(name, type));
      const reply = await replyTo(async (own) => call(url, { ...init, body, signal: own }), { signal, maxBytes: maxMessageBytes, clock, accept: messageType });
      switch (reply.kind) {
        case 'answer':
          return readResponse(reply.body, { name, type });
        case 'wait':
          waitUntilMs = Math.max(waitUntilMs, clock.monotonicMs() + Math.min(reply.waitMs ?? unnamedWaitMs, maxWaitMs));
          return reply;
        case 'failed':
          return { kind: 'failed', retry: reply.retry, ...(reply.detail === undefined ? {} : { detail: reply.detail }) };
      }
    },
  };
}
