/** hashlookup over DNS: the entry as JSON in a TXT record, NXDOMAIN for "not known". */
import type { Reply } from '../../query/transport.js';
import { askDns, shortestTtl, type DnsResolver } from '../foreign/dns.js';
import type { AskedHash, Found } from '../foreign/hash-source.js';
import { badAnswer } from '../foreign/http-json.js';
import { readKnownFile } from './known-file.js';
import type { Judge } from './source.js';

/** What a question goes with. */
export interface DnsQuestion {
  readonly resolver: DnsResolver;
  readonly zone: string;
  readonly judge: Judge;
  readonly signal: AbortSignal;
}

/** One hash, one name. */
export async function askTxt(asked: AskedHash, { resolver, zone, judge, signal }: DnsQuestion): Promise<Reply<Found>> {
  const reply = await askDns(resolver, { name: `${asked.hex}.${zone}`, type: 'TXT' }, signal);
  if (reply.kind !== 'answer') {
    return reply;
  }
  const records = reply.body;
  if (records === undefined) {
    return { kind: 'answer', body: judge(asked, undefined) };
  }
  const [record, another] = records;
  const file = record === undefined || another !== undefined ? undefined : readKnownFile(parse(record.value), asked);
  if (file === undefined) {
    return badAnswer('no entry of the hash');
  }
  const found = judge(asked, file);
  return { kind: 'answer', body: { ...found, ttlMs: shortestTtl(found.ttlMs, records) } };
}

function parse(text: string): unknown {
  // untrusted: the text of a record
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
