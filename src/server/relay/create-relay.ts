/**
 * A relay: keeps signed statements of an origin, serves them until they expire, and asks its upstream for the rest. Steps
 * R1 to R6 of docs/protocol.md.
 *
 * It signs nothing, so it can make nothing up: an agent behind it trusts the origin's keys, not the relay, and what a
 * relay (or whoever took it over) can do is to say nothing, or what the origin said within the life of a statement. It
 * works without its upstream for what it holds, and to the upstream all its clients are one.
 */
import { assertInteger } from '../../base/assert.js';
import { fingerprintKey } from '../../base/fingerprint.js';
import type { FingerprintKind, HashAlgorithm } from '../../base/fingerprint.js';
import type { Clock, Crypto, Random } from '../../base/seams.js';
import { encodeAnswer } from '../../protocol/answer-message.js';
import { untilAborted } from '../../protocol/codec/limited-body.js';
import { createKeyRing, type KeyRing } from '../../protocol/key-ring.js';
import { maxPrefixes, maxRequestBytes } from '../../protocol/limits.js';
import type { QueryMessage } from '../../protocol/messages.js';
import { answerResponse, keyListResponse, readQuery, textResponse } from '../exchange.js';
import { statementAnswer } from '../routes/query-route.js';
import { createRoutes, type Handler } from '../routes/route.js';
import { startDeadline } from './deadline.js';
import { createForwarder, type Forwarder } from './forward.js';
import { createMemoryStatementStore } from './memory-statement-store.js';
import { isCurrent } from './read-statements.js';
import type { SignedStatement, StatementStore } from './statement-store.js';
import { createUpstream, type UpstreamFetch } from './upstream.js';

/** What a relay is made of. */
export interface RelayOptions {
  /** The origin, or another relay of it: its address without `/v1/query`. `fetch` is asked with `redirect: 'manual'`. */
  readonly upstream: { readonly address: string; readonly fetch: UpstreamFetch };
  /** Raw public keys of the origin, or a ring of them: what they did not sign is neither kept nor passed on. */
  readonly trust: readonly Uint8Array[] | KeyRing;
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly random: Random;
  /** Default: 64 MiB of memory. */
  readonly store?: StatementStore | undefined;
  /** How long the upstream may take; default 2 s, less than clients give the relay. */
  readonly timeoutMs?: number | undefined;
  /** Hands out the origin's signed key list at `/v1/keys`, as a server does; the relay itself follows it only by its ring. */
  readonly keyList?: (() => Uint8Array | undefined | Promise<Uint8Array | undefined>) | undefined;
  /** Told of every answer that goes out: its statements, one for each prefix that was asked and is answered. */
  readonly onAnswered?: ((statements: readonly SignedStatement[]) => void) | undefined;
  /** Told of every fault that became a 500, and of a store that failed. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** One thing that is asked. */
export interface Wanted {
  readonly key: string;
  readonly kind: FingerprintKind;
  readonly algorithm: HashAlgorithm;
  readonly prefix: Uint8Array;
}

/**
 * A relay as a handler: `POST /v1/query`, `GET /healthz`, and `/v1/keys` where there is a key list. It never rejects.
 * @throws VedetteError `config-invalid` for keys that cannot be used. RangeError for a timeout below 1 ms.
 */
export function createRelay(options: RelayOptions): Handler {
  const { crypto, clock, random, trust, keyList, onFault } = options;
  const timeoutMs = options.timeoutMs ?? 2_000;
  assertInteger('timeoutMs', timeoutMs, { min: 1 });
  const keys = 'find' in trust && 'offer' in trust ? trust : createKeyRing({ keys: trust, crypto });
  const store = options.store ?? createMemoryStatementStore();
  const upstream = createUpstream({ ...options.upstream, timeoutMs, clock, random });
  const forwarder = createForwarder({ upstream, keys, crypto, clock });
  return createRoutes({
    clock,
    onFault,
    keyList: keyList === undefined ? undefined : async () => keyListResponse(await keyList()),
    health: () => ({ generation: forwarder.newestGeneration() ?? null, entries: store.entries ?? null }),
    query: async (request) => {
      const read = await readQuery(request, { maxRequestBytes, maxPrefixes }); // R1
      if (read.kind === 'refused') {
        return read.response;
      }
      const wanted = wantedBy(read.message);
      const held = await heldStatements(wanted, { store, forwarder, clock, timeoutMs, onFault }); // R2
      const fetched = await forwarder.forward(wanted.filter((one) => !held.has(one.key))); // R3, R4
      keep(fetched, { store, onFault });
      const all = wanted.flatMap(({ key }) => held.get(key) ?? fetched.get(key) ?? []);
      if (all.length === 0) {
        return unavailable(upstream.pause()); // R6
      }
      tell(all, options);
      const paddedFor = read.message.wants === undefined ? undefined : read.body.length;
      return answerResponse(encodeAnswer(statementAnswer(all), paddedFor)); // R5
    },
  });
}

function wantedBy(message: QueryMessage): Wanted[] {
  return message.groups.flatMap(({ kind, algorithm, prefixes }) =>
    prefixes.map((prefix) => ({ key: fingerprintKey(kind, algorithm, prefix), kind, algorithm, prefix })),
  );
}

/** R2: what is kept, unexpired, of the newest generation that was seen. A store that fails or dawdles holds nothing. */
async function heldStatements(
  wanted: readonly Wanted[],
  by: {
    readonly store: StatementStore;
    readonly forwarder: Pick<Forwarder, 'newestGeneration'>;
    readonly clock: Pick<Clock, 'now' | 'sleep'>;
    readonly timeoutMs: number;
    readonly onFault: RelayOptions['onFault'];
  },
): Promise<Map<string, SignedStatement>> {
  const held = new Map<string, SignedStatement>();
  const deadline = startDeadline(by.clock, by.timeoutMs);
  try {
    const get = async (): Promise<readonly (SignedStatement | undefined)[]> => by.store.get(wanted.map((one) => one.key));
    const found = await untilAborted(get(), deadline.signal);
    const newest = by.forwarder.newestGeneration() ?? 0;
    wanted.forEach(({ key }, i) => {
      const one = found[i];
      if (one !== undefined && isCurrent(one, by.clock.now()) && one.generation >= newest) {
        held.set(key, one);
      }
    });
  } catch (error) {
    by.onFault?.(error);
  } finally {
    deadline.end();
  }
  return held;
}

/** Not waited for: the answer does not depend on it. */
function keep(fetched: ReadonlyMap<string, SignedStatement>, by: { readonly store: StatementStore; readonly onFault: RelayOptions['onFault'] }): void {
  if (fetched.size > 0) {
    const put = async (): Promise<void> => by.store.put(fetched);
    put().catch((error: unknown) => by.onFault?.(error));
  }
}

/** Whoever counts may fail: the answer goes out all the same. */
function tell(statements: readonly SignedStatement[], { onAnswered, onFault }: Pick<RelayOptions, 'onAnswered' | 'onFault'>): void {
  try {
    onAnswered?.(statements);
  } catch (error) {
    onFault?.(error);
  }
}

/** An upstream that asked to be left alone is what a client is told; anything else lets the client ask elsewhere. */
function unavailable(pause: { readonly ms: number; readonly byRequest: boolean }): Response {
  return pause.byRequest && pause.ms > 0
    ? textResponse(503, 'upstream asks for a pause', { 'retry-after': String(Math.ceil(pause.ms / 1000)) })
    : textResponse(502, 'no answer from upstream');
}
