/**
 * The reputation server as one function from `Request` to `Response`, for every runtime that has these: routes,
 * methods, types and limits. Nothing of a request is repeated in a response or handed to a log.
 */
import { assertInteger } from '../base/assert.js';
import type { Clock, Crypto, Signer } from '../base/seams.js';
import { maxPrefixes, maxRequestBytes, maxTtlMs } from '../protocol/limits.js';
import { answerChallenge } from './routes/challenge-route.js';
import { answerResponse, keyListResponse, queryOf, queryRefusal, readQuery } from './exchange.js';
import { AnswerMemory } from './encoded/answer-memory.js';
import { answerQuery, type AnswerParts } from './routes/query-route.js';
import { createMemoryStatementStore } from './relay/memory-statement-store.js';
import type { ReputationStore } from './reputation-store.js';
import { createRoutes, type Handler } from './routes/route.js';

export type { Handler } from './routes/route.js';

/** What a handler is made of. */
export interface HandlerOptions {
  readonly store: ReputationStore;
  readonly crypto: Pick<Crypto, 'sha256'>;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  /** Signs every answer. Without one, only clients on literal loopback or in the same process believe the server. */
  readonly signer?: Signer | undefined;
  /** How long clients may use an answer; default one hour, at most 24. */
  readonly ttlMs?: number | undefined;
  /**
   * Limits below those of the protocol; `maxSignatures` is how many statements are signed one by one for a request that
   * wants it so (a relay's), default 250: what is beyond goes unanswered and is asked again.
   */
  readonly limits?: { readonly maxRequestBytes?: number; readonly maxPrefixes?: number; readonly maxSignatures?: number } | undefined;
  /**
   * Answers challenges at `POST /v1/challenge` with the signer's key: clients then take being able to reach this server
   * for being inside. Never for a server that can be reached from outside.
   */
  readonly reference?: boolean | undefined;
  /**
   * Hands out the signed key list (`createKeyList`) at `/v1/keys`; asked each time, so that a newer one is handed out at
   * once. Undefined from it: there is none yet.
   */
  readonly keyList?: (() => Uint8Array | undefined | Promise<Uint8Array | undefined>) | undefined;
  /** Told of every fault that became a 500: a store or signer that failed. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** 13 ms of signing. */
const defaultMaxSignatures = 250;
/** Statements that are kept signed: about 40,000 without records. */
const signedBytes = 16 * 1024 * 1024;
const hourMs = 3_600_000;

/**
 * The handler: `POST /v1/query`, `GET /healthz`, for a reference server `POST /v1/challenge`, and `/v1/keys` where there is a
 * key list. It never rejects.
 * @throws RangeError for a TTL or a limit outside of the protocol's.
 * @throws TypeError for a reference server without a signer.
 */
export function createHandler(options: HandlerOptions): Handler {
  const { store, crypto, clock, signer } = options;
  const ttlMs = options.ttlMs ?? hourMs;
  const limits = {
    maxRequestBytes: options.limits?.maxRequestBytes ?? maxRequestBytes,
    maxPrefixes: options.limits?.maxPrefixes ?? maxPrefixes,
  };
  const maxSignatures = options.limits?.maxSignatures ?? defaultMaxSignatures;
  assertInteger('ttlMs', ttlMs, { min: 0, max: maxTtlMs });
  assertInteger('maxRequestBytes', limits.maxRequestBytes, { min: 1, max: maxRequestBytes });
  assertInteger('maxPrefixes', limits.maxPrefixes, { min: 1, max: maxPrefixes });
  assertInteger('maxSignatures', maxSignatures, { min: 1, max: maxPrefixes });
  if (options.reference === true && signer === undefined) {
    throw new TypeError('reference: expected a signer, for only its key proves anything');
  }
  const signed = createMemoryStatementStore({ maxBytes: signedBytes });
  const memory = new AnswerMemory();
  const parts: AnswerParts = { store, crypto, clock, signer, ttlMs, signed, maxSignatures, memory };
  const { keyList } = options;
  return createRoutes({
    clock,
    keyList: keyList === undefined ? undefined : async () => keyListResponse(await keyList()),
    onFault: options.onFault,
    challenge: options.reference === true && signer !== undefined ? (request) => answerChallenge(request, { signer, crypto }) : undefined,
    health: () => ({ generation: store.generation, entries: store.entries ?? null }),
    queryRefusal: (head, body) => queryRefusal(head, body, limits),
    answer: async (body) => {
      const message = queryOf(body, limits);
      return message === undefined ? undefined : answerQuery(message, body, parts);
    },
    sent: (answer) => memory.giveBack(answer),
    query: async (request) => {
      const read = await readQuery(request, limits);
      if (read.kind === 'refused') {
        return read.response;
      }
      // Not given back: whether a `Response` has copied it by then is the runtime's affair.
      return answerResponse(await answerQuery(read.message, read.body, parts));
    },
  });
}
