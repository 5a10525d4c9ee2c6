/** CIRCL hashlookup as its page and its OpenAPI description have it: upper-case hashes, numbers as texts, 404 for "not known". */
import { toHex } from '../../../src/base/bytes.js';
import type { HashEntry } from '../../../src/pattern/hash-entry.js';
import type { DnsReply, DnsResolver } from '../../../src/adapters/hashlookup.js';
import { fakeFetch, jsonResponse, type Seen } from '../foreign/responses.js';

const names = { sha256: 'SHA-256', sha1: 'SHA-1', md5: 'MD5' } as const;
const lengths = { sha256: 64, sha1: 40, md5: 32 } as const;
type Algorithm = keyof typeof names;

/** The service, by both ways. */
export class FakeHashlookup {
  readonly fetch: typeof fetch;
  readonly seen: Seen[];
  readonly asked: string[] = [];
  readonly faults: (() => Response)[] = [];
  readonly #entries = new Map<string, object>();

  constructor() {
    ({ fetch: this.fetch, seen: this.seen } = fakeFetch((request) => this.#respond(request)));
  }

  /** A known file. */
  file(algorithm: Algorithm, hash: Uint8Array, more: object = {}): void {
    const hex = toHex(hash).toUpperCase();
    this.#entries.set(hex, { CRC32: '7A5407CA', FileName: './bin/ls', FileSize: '2520', [names[algorithm]]: hex, SpecialCode: '', source: 'NSRL', ...more });
  }

  entry({ algorithm, hash, threat }: HashEntry): void {
    this.file(algorithm, hash, { KnownMalicious: threat?.name, 'hashlookup:trust': 30 });
  }

  /** Over DNS, as a host's resolver would say it. */
  readonly resolver: DnsResolver = {
    secure: true,
    resolve: async (name, type): Promise<DnsReply> => {
      this.asked.push(`${type} ${name}`);
      const [, hash] = /^([0-9a-f]{32}|[0-9a-f]{40})\.dns\.hashlookup\.circl\.lu$/.exec(name) ?? [];
      const entry = hash === undefined ? undefined : this.#entries.get(hash.toUpperCase());
      return entry === undefined ? { kind: 'no-name' } : { kind: 'records', records: [{ value: JSON.stringify(entry), ttlMs: 60_000 }] };
    },
  };

  #respond(request: Seen): Response {
    const fault = this.faults.shift();
    if (fault !== undefined) {
      return fault();
    }
    const [, way, algorithm, hash] = /^\/(lookup|bulk)\/(sha256|sha1|md5)(?:\/([0-9a-fA-F]+))?$/.exec(request.url.pathname) ?? [];
    if (way === 'bulk' && algorithm !== 'sha256' && request.method === 'POST') {
      const { hashes } = JSON.parse(request.body) as { hashes: readonly string[] };
      return jsonResponse(200, hashes.flatMap((one) => this.#entries.get(one.toUpperCase()) ?? []));
    }
    if (way !== 'lookup' || hash?.length !== lengths[algorithm as Algorithm]) {
      return jsonResponse(400, { message: 'Expecting a hash in the correct format' });
    }
    const entry = this.#entries.get(hash.toUpperCase());
    return entry === undefined ? jsonResponse(404, { message: 'Non existing hash', query: hash }) : jsonResponse(200, entry);
  }
}
