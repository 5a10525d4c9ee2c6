/**
 * VirusTotal's file reports as the documentation of API version 3 has them: JSON:API objects, errors with a code, 4
 * questions in any minute and 500 a day from 00:00 UTC, over which it answers 429 `QuotaExceededError`.
 */
import { toHex } from '../../../src/base/bytes.js';
import type { HashEntry } from '../../../src/pattern/hash-entry.js';
import type { FakeClock } from '../../../src/testing/doubles/fake-clock.js';
import { fakeFetch, jsonResponse, type Seen } from '../foreign/responses.js';

export const apiKey = 'a'.repeat(64);
const dayMs = 86_400_000;

export type FakeStats = Readonly<Record<string, number>>;

/** Engines that say nothing of interest. */
export const restOfStats: FakeStats = { harmless: 0, undetected: 60, timeout: 1, 'confirmed-timeout': 0, failure: 2, 'type-unsupported': 5 };

/** The service. */
export class FakeVirusTotal {
  readonly fetch: typeof fetch;
  readonly seen: Seen[];
  /** Questions over the quota that reached it. */
  overQuota = 0;
  /** Takes the place of the next answers, one each. */
  readonly faults: (() => Response | Promise<Response>)[] = [];
  /** Questions a minute of the plan. */
  perMinute = 4;
  readonly #clock: FakeClock;
  readonly #reports = new Map<string, object>();
  #times: number[] = [];

  constructor(clock: FakeClock) {
    this.#clock = clock;
    ({ fetch: this.fetch, seen: this.seen } = fakeFetch((request) => this.#respond(request)));
  }

  /** A file with all of its hashes, as reports have them. */
  file(hashes: Readonly<Partial<Record<'sha256' | 'sha1' | 'md5', Uint8Array>>>, stats: FakeStats, more: object = {}): void {
    const attributes = { ...Object.fromEntries(Object.entries(hashes).map(([name, hash]) => [name, toHex(hash)])), last_analysis_stats: { ...restOfStats, ...stats }, ...more };
    for (const hash of Object.values(hashes)) {
      this.#reports.set(toHex(hash), { data: { id: toHex(hash), type: 'file', links: { self: `https://www.virustotal.com/api/v3/files/${toHex(hash)}` }, attributes } });
    }
  }

  /** What an entry of ours would look like there. */
  entry({ algorithm, hash, disposition, threat }: HashEntry): void {
    const stats = disposition === 'malicious' ? { malicious: 40 } : { malicious: 0, suspicious: 3 };
    this.file({ [algorithm]: hash }, stats, { popular_threat_classification: { suggested_threat_label: threat?.name, popular_threat_category: [{ count: 20, value: 'trojan' }] } });
  }

  #respond(request: Seen): Response | Promise<Response> {
    const now = this.#clock.now();
    this.#times = [...this.#times.filter((at) => Math.floor(at / dayMs) === Math.floor(now / dayMs) || at > now - 60_000), now];
    const today = this.#times.filter((at) => Math.floor(at / dayMs) === Math.floor(now / dayMs));
    if (this.#times.filter((at) => at > now - 60_000).length > this.perMinute || today.length > 500) {
      this.overQuota++;
      return error(429, 'QuotaExceededError');
    }
    const fault = this.faults.shift();
    if (fault !== undefined) {
      return fault();
    }
    if (request.headers.get('x-apikey') !== apiKey) {
      return error(401, request.headers.has('x-apikey') ? 'WrongCredentialsError' : 'AuthenticationRequiredError');
    }
    const [, hash] = /^\/api\/v3\/files\/([0-9a-f]+)$/.exec(request.url.pathname) ?? [];
    const report = hash === undefined ? undefined : this.#reports.get(hash);
    return report === undefined ? error(404, 'NotFoundError') : jsonResponse(200, report);
  }
}

export const error = (status: number, code: string): Response => jsonResponse(status, { error: { code, message: `said: ${code}` } });
