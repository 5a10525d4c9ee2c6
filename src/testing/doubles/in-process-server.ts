/**
 * A whole reputation server without a wire: the real handler over entries or a server pattern, and the transport that
 * leads to it. For tests of hosts: the real protocol is spoken, and the server can be taken down, be behind, or change
 * what it knows.
 */
import type { AnswerRecord } from '../../base/fingerprint.js';
import type { Clock, Signer } from '../../base/seams.js';
import type { ServerConfig } from '../../engine/options.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import { createInProcessTransport } from '../../preset/http/in-process-transport.js';
import { createPortableCrypto } from '../../preset/portable-crypto.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { formatPublicKey } from '../../protocol/keys.js';
import { createHandler } from '../../server/handler.js';
import type { Handler } from '../../server/handler.js';
import { createMemoryStore } from '../../server/memory-store.js';
import type { ReputationStore } from '../../server/reputation-store.js';
import type { Transport } from '../../query/transport.js';
import { answerFor } from './scripted-source.js';

/** What an in-process server may be told. */
export interface InProcessServerOptions {
  /** Generation that it says when it is given entries (1); a server pattern says its own. */
  readonly generation?: number;
  readonly ttlMs?: number;
  readonly clock?: Clock;
  /** Signs its answers, and makes `config` trust its key. Without one its answers are believed as in-process ones. */
  readonly signer?: Signer;
}

/** The server, with its way and its switches. */
export interface InProcessServer {
  /** The real handler, for a port or a runtime of one's own. */
  readonly handler: Handler;
  /** For `parts.transport`. */
  readonly transport: Transport;
  /** For `servers` of the configuration. */
  readonly config: ServerConfig;
  /** False: the server cannot be reached. */
  up: boolean;
  /** Requests that arrived while it was up. */
  readonly requests: number;
  /** From now on it answers from these entries, as the next generation, or from this server pattern. */
  publish(content: readonly HashEntry[] | Uint8Array): void;
}

/**
 * A server over entries or over the bytes of a server pattern.
 * @throws VedetteError `pattern-refused` for bytes that are no server pattern.
 */
export function createInProcessServer(
  content: readonly HashEntry[] | Uint8Array,
  options: InProcessServerOptions = {},
): InProcessServer {
  const { clock = createSystemClock(), signer, ttlMs } = options;
  let store = storeOver(content, options.generation ?? 1);
  let requests = 0;
  const answer = createHandler({ store: following(() => store), crypto: createPortableCrypto(), clock, signer, ttlMs });
  const handler: Handler = async (request) => {
    if (!server.up) {
      throw new Error('the server is down');
    }
    requests++;
    return answer(request);
  };
  const trust = signer === undefined ? {} : { trust: [formatPublicKey(signer.publicKey)] };
  const server: InProcessServer = {
    handler,
    transport: createInProcessTransport(handler, { clock }),
    config: { address: 'in-process:testing', scope: 'local', ...trust },
    up: true,
    get requests() {
      return requests;
    },
    publish(next) {
      store = storeOver(next, store.generation + 1);
    },
  };
  return server;
}

/** The store that is current when it is asked. */
function following(current: () => ReputationStore): ReputationStore {
  return {
    get generation() {
      return current().generation;
    },
    lookup: (...asked) => current().lookup(...asked),
  };
}

function storeOver(content: readonly HashEntry[] | Uint8Array, generation: number): ReputationStore {
  if (content instanceof Uint8Array) {
    return createMemoryStore(content, { crypto: createPortableCrypto() });
  }
  return {
    generation,
    entries: content.length,
    lookup: (kind, algorithm, prefixes): AnswerRecord[][] =>
      prefixes.map((asked) => [...answerFor(content, { kind, algorithm, asked, ttlMs: 0 }).records]),
  };
}
