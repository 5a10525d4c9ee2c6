/**
 * Questions over DNS, as some services are asked. Who resolves them is the host's choice: `createDohResolver` works on
 * every runtime, a host's own takes a few lines. What a resolver says is not taken on trust.
 */
import { describeError } from '../../base/errors.js';
import type { Reply } from '../../query/transport.js';
import { badAnswer } from './http-json.js';
import { asObject } from './json.js';
import { invalid } from './options.js';

/** What came back for a name. */
export type DnsReply =
  /** Records of the type that was asked for; none where the name exists without such records. */
  | { readonly kind: 'records'; readonly records: readonly DnsRecord[] }
  /** NXDOMAIN, and nothing else. */
  | { readonly kind: 'no-name' }
  /** The resolver asks to be left alone, for this long where it says so. */
  | { readonly kind: 'wait'; readonly waitMs?: number }
  /** SERVFAIL, REFUSED, a timeout, a broken answer. */
  | { readonly kind: 'failed'; readonly retry: boolean; readonly detail?: string };

/** One record. */
export interface DnsRecord {
  /** An address in dotted form, or the strings of a TXT record, joined. */
  readonly value: string;
  readonly ttlMs?: number;
}

/** Resolves names. */
export interface DnsResolver {
  /** The way is authenticated: over HTTPS or TLS, or a validating resolver in the same machine. Plain DNS is not. */
  readonly secure: boolean;
  resolve(name: string, type: 'A' | 'TXT', options: { readonly signal: AbortSignal }): Promise<DnsReply>;
}

const maxRecords = 16;
const maxChars = 65_535;

/**
 * The records under a name, `undefined` where there is no such name. Never rejects. A name without the records that
 * were asked for is no answer: services say "not known" by NXDOMAIN.
 */
export async function askDns(resolver: DnsResolver, question: { readonly name: string; readonly type: 'A' | 'TXT' }, signal: AbortSignal): Promise<Reply<readonly DnsRecord[] | undefined>> {
  let reply: unknown;
  try {
    reply = await resolver.resolve(question.name, question.type, { signal });
  } catch (error) {
    return { kind: 'failed', retry: true, reason: 'unreachable', detail: describeError(error) };
  }
  // untrusted: a resolver may be the host's own code
  const { kind, records, retry, waitMs } = asObject(reply) ?? {};
  if (kind === 'no-name') {
    return { kind: 'answer', body: undefined };
  }
  if (kind === 'wait') {
    return { kind: 'wait', ...(typeof waitMs === 'number' && waitMs >= 0 ? { waitMs } : {}) };
  }
  if (kind === 'failed') {
    return { kind: 'failed', retry: retry !== false, reason: 'unreachable', detail: 'the name was not resolved' };
  }
  if (kind !== 'records' || !Array.isArray(records) || records.length === 0 || records.length > maxRecords || !records.every(isRecord)) {
    return badAnswer('no usable records');
  }
  return { kind: 'answer', body: records };
}

/** How strongly answers over this resolver are believed. @throws VedetteError `config-invalid` for plain DNS that nobody allowed. */
export function strengthOfDns(service: string, resolver: DnsResolver, plainDns: 'refuse' | 'accept'): 1 | 2 {
  if (!resolver.secure && plainDns !== 'accept') {
    throw invalid(service, 'resolver: is not secure; anybody on the way can answer (plainDns: "accept" takes it all the same)');
  }
  return resolver.secure ? 2 : 1;
}

/** What of a life the records leave. */
export function shortestTtl(ttlMs: number, records: readonly DnsRecord[]): number {
  return Math.min(ttlMs, ...records.flatMap((record) => (record.ttlMs === undefined ? [] : [record.ttlMs])));
}

function isRecord(value: unknown): value is DnsRecord {
  const record = asObject(value);
  const ttlMs = record?.['ttlMs'];
  return typeof record?.['value'] === 'string' && record['value'].length <= maxChars && (ttlMs === undefined || (typeof ttlMs === 'number' && ttlMs >= 0));
}
