/**
 * VirusTotal as a reputation source: `GET /files/{hash}` of API version 3, one hash a question, believed because of
 * HTTPS. The full hash of every file that is asked about goes to VirusTotal, whose terms forbid the public API in
 * commercial products and as a substitute for an antivirus.
 *
 * 4 questions a minute and 500 a day (UTC) with the public API: what is over that is a wait, not a question.
 * 404 with `NotFoundError` is "not listed"; any other 404, 401, 403, 429 and 5xx are never an answer.
 *
 * Follows docs.virustotal.com/reference/{overview,file-info,files,analyses-object,errors,public-vs-premium-api} and
 * docs.virustotal.com/docs/consumption-quotas-handled, as stored copies of them said in November 2026.
 */
import type { AnswerRecord } from '../../base/fingerprint.js';
import type { ReputationSource } from '../../query/reputation-source.js';
import type { Reply } from '../../query/transport.js';
import { createHashSource, type AskedHash, type Found } from '../foreign/hash-source.js';
import { badAnswer } from '../foreign/http-json.js';
import { checkedKey, createService, type Service, type ServiceOptions } from '../foreign/options.js';
import { errorCodeOf, readReport, type FileReport } from './report.js';
import { checkedThresholds, opinionOf, type AnalysisStats, type Opinion, type VirusTotalThresholds } from './rule.js';

/** Options of `createVirusTotalSource`. `limits` default to those of the public API: 4 a minute, 500 a day. */
export interface VirusTotalOptions extends ServiceOptions {
  readonly apiKey: string;
  readonly thresholds?: Partial<VirusTotalThresholds>;
  /** Takes the place of the rule with its thresholds. */
  readonly rule?: (stats: AnalysisStats) => Opinion;
}

/**
 * A source for files, by SHA-256, SHA-1 and MD5. Nothing is asked before the first lookup.
 * @throws VedetteError `config-invalid` for a key or an address that cannot be.
 * @throws RangeError for thresholds, limits and times out of range.
 */
export function createVirusTotalSource(options: VirusTotalOptions): ReputationSource {
  const apiKey = checkedKey('VirusTotal', options.apiKey);
  const thresholds = checkedThresholds(options.thresholds);
  const rule = options.rule ?? ((stats) => opinionOf(stats, thresholds));
  const service = createService(options, {
    name: 'VirusTotal',
    address: 'https://www.virustotal.com/api/v3',
    maxBytes: 4 * 1024 * 1024,
    limits: { perMinute: 4, perDay: 500 },
  });
  return createHashSource({
    id: service.id,
    strength: 2,
    maxBatch: 1,
    probes: false,
    algorithms: ['sha256', 'sha1', 'md5'],
    askOne: (asked, signal) => askFile(asked, { service, apiKey, rule, signal }),
  });
}

async function askFile(
  asked: AskedHash,
  { service, apiKey, rule, signal }: { readonly service: Service; readonly apiKey: string; readonly rule: (stats: AnalysisStats) => Opinion; readonly signal: AbortSignal },
): Promise<Reply<Found>> {
  const url = `${service.address}/files/${asked.hex}`;
  const reply = await service.request({ url, method: 'GET', headers: { 'x-apikey': apiKey }, alsoRead: [404], signal });
  if (reply.kind !== 'answer') {
    return reply;
  }
  const { status, value } = reply.body;
  if (status === 404) {
    // A page that some proxy has put in the way says 404 as well.
    return errorCodeOf(value) === 'NotFoundError' ? { kind: 'answer', body: { records: [], ttlMs: service.ttl.notFound } } : badAnswer('a 404 that is not VirusTotal’s');
  }
  const report = readReport(value, asked);
  if (report === undefined) {
    return badAnswer('no report about the hash');
  }
  const opinion = rule(report.stats);
  const ttlMs = opinion === 'malicious' || opinion === 'suspicious' ? service.ttl.found : service.ttl.notFound;
  return { kind: 'answer', body: { records: recordsOf(asked, report, opinion), ttlMs } };
}

function recordsOf({ hash }: AskedHash, { stats, label, category }: FileReport, opinion: Opinion): AnswerRecord[] {
  switch (opinion) {
    case 'unlisted':
      return [];
    case 'unknown':
      return [{ hash: hash.slice(), disposition: 'unknown', threats: [] }];
    case 'malicious':
    case 'suspicious': {
      const name = label ?? `VirusTotal.${opinion === 'malicious' ? 'Malicious' : 'Suspicious'}`;
      return [{ hash: hash.slice(), disposition: opinion, threats: [{ name, type: category ?? 'unclassified', detail: { ...stats } }] }];
    }
  }
}
