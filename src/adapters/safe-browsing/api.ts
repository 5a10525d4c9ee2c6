/**
 * The two calls of the Safe Browsing API (version 5) that a client needs. Questions carry 4-byte prefixes and nothing
 * else that tells about the user; answers are protocol buffers, read under a limit.
 */
import { VedetteError, describeError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { replyTo } from '../../preset/http/reply-to.js';
import type { Reply } from '../../query/transport.js';
import type { ListUpdate, SearchResponse } from './messages.js';
import { readBatchResponse, readSearchResponse } from './messages.js';

/** What the calls depend on. */
export interface ApiOptions {
  readonly apiKey: string;
  /** Base address without a slash at its end. */
  readonly address: string;
  readonly fetch: typeof fetch;
  readonly clock: Pick<Clock, 'now'>;
}

/** Names of lists and the versions that are there already. */
export interface ListRequest {
  readonly names: readonly string[];
  readonly versions: readonly Uint8Array[];
  /** Entries that one list may have; 0 for no limit. */
  readonly maxEntries: number;
}

/** The service, one exchange at a time. Nothing is thrown for what the service does. */
export interface SafeBrowsingApi {
  search(prefixes: readonly Uint8Array[], signal: AbortSignal): Promise<Reply<SearchResponse>>;
  lists(request: ListRequest, signal: AbortSignal): Promise<Reply<readonly ListUpdate[]>>;
}

const protobuf = 'application/x-protobuf';
const maxSearchBytes = 4 * 1024 * 1024;
const maxListsBytes = 256 * 1024 * 1024;

/** The service at an address. */
export function createApi(options: ApiOptions): SafeBrowsingApi {
  const get = async <T>(path: string, query: readonly (readonly [string, string])[], reading: { readonly signal: AbortSignal; readonly maxBytes: number; readonly read: (bytes: Uint8Array) => T }): Promise<Reply<T>> => {
    const search = new URLSearchParams([...query.map(([name, value]) => [name, value]), ['alt', 'proto'], ['key', options.apiKey]]);
    const url = `${options.address}${path}?${search.toString()}`;
    const init: RequestInit = { method: 'GET', redirect: 'manual', headers: { accept: protobuf } };
    const reply = await replyTo(async (signal) => options.fetch(url, { ...init, signal }), { ...reading, clock: options.clock, accept: protobuf });
    return reply.kind === 'answer' ? readReplyBody(reply.body, reading.read) : reply;
  };
  return {
    search: (prefixes, signal) =>
      get('/v5/hashes:search', prefixes.map((prefix) => ['hashPrefixes', toBase64(prefix)] as const), {
        signal,
        maxBytes: maxSearchBytes,
        read: readSearchResponse,
      }),
    lists: ({ names, versions, maxEntries }, signal) =>
      get(
        '/v5/hashLists:batchGet',
        [
          ...names.map((name) => ['names', name] as const),
          ...versions.map((version) => ['version', toBase64(version)] as const),
          ...(maxEntries === 0 ? [] : [['sizeConstraints.maxDatabaseEntries', String(maxEntries)] as const]),
        ],
        { signal, maxBytes: maxListsBytes, read: readBatchResponse },
      ),
  };
}

function readReplyBody<T>(body: Uint8Array, read: (bytes: Uint8Array) => T): Reply<T> {
  try {
    return { kind: 'answer', body: read(body) };
  } catch (error) {
    if (!VedetteError.is(error)) {
      throw error;
    }
    return { kind: 'failed', retry: false, reason: 'bad-answer', detail: describeError(error) };
  }
}

function toBase64(bytes: Uint8Array): string {
  return btoa(String.fromCharCode(...bytes));
}
