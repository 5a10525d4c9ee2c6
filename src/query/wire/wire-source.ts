/**
 * One server of our own protocol as a reputation source: the question becomes a request, the answer is believed or
 * refused. docs/protocol.md numbers the steps; steps 4 to 9 are in believe.ts.
 *
 * It makes one exchange and keeps nothing: back-off, breaker and fail-over are the query client's.
 */
import { assertInteger } from '../../base/assert.js';
import { describeError } from '../../base/errors.js';
import type { Question } from '../../base/fingerprint.js';
import type { Clock, Crypto } from '../../base/seams.js';
import { createKeyRing, type KeyRing } from '../../protocol/key-ring.js';
import { maxAnswerBytes, maxPrefixes, nonceBytes } from '../../protocol/limits.js';
import { encodeQuery } from '../../protocol/query-message.js';
import { believe, type Asked, type Belief, type BeliefRules } from './believe.js';
import { createDecoys, maxDecoys } from './decoys.js';
import type { ReputationSource, SourceAnswers } from '../reputation-source.js';
import { serverTrust } from './server-trust.js';
import type { Reply, Server, Transport } from '../transport.js';

/** What a wire source is made of. */
export interface WireSourceOptions {
  readonly transport: Transport;
  readonly server: Server;
  /** Raw public keys (32 bytes each) whose signatures are believed, or a ring of them. None only for literal loopback or in-process. */
  readonly trust: readonly Uint8Array[] | KeyRing;
  readonly crypto: Crypto;
  readonly clock: Pick<Clock, 'now'>;
  /** The newest server generation seen from anybody: statement proofs of an older one are refused. */
  newestGeneration?(): number | undefined;
  readonly privacy?: WirePrivacy | undefined;
}

/** How much those who see the requests learn (docs/threat-model.md). */
export interface WirePrivacy {
  /** Fills requests and answers up to size classes. Default true; servers of other makers may not know it. */
  readonly padding?: boolean | undefined;
  /** Prefixes that are asked beside each real one for nothing; default 0, at most 99. A batch holds that much less. */
  readonly decoys?: number | undefined;
}

/**
 * A source over one server. With trusted keys every answer must be signed by one of them, from loopback too.
 * @throws VedetteError `config-invalid`, naming the server, when its answers could never be believed.
 */
export function createWireSource(options: WireSourceOptions): ReputationSource {
  const { transport, server, crypto, privacy } = options;
  const keys = ringOf(options.trust, crypto);
  const trust = serverTrust(server, transport.schemes, keys !== undefined);
  const decoys = privacy?.decoys ?? 0;
  assertInteger('decoys', decoys, { min: 0, max: maxDecoys });
  const asking = { crypto, isPadded: privacy?.padding ?? true, decoysFor: createDecoys(decoys, crypto) };
  const maxBatch = Math.floor(maxPrefixes / (1 + decoys));
  const rules = (): BeliefRules => ({
    trust,
    keys: keys ?? noKeys,
    crypto,
    now: options.clock.now(),
    newestGeneration: options.newestGeneration?.(),
  });
  return {
    id: server.id,
    scope: server.scope,
    asks: 'prefix',
    maxBatch,
    strength: trust === 'signed' ? 4 : 1,
    lookup: async (question, { signal }) => {
      assertInteger('hashes of a question', question.hashes.length, { min: 1, max: maxBatch });
      const asked = ask(question, asking);
      const reply = await send(asked, { transport, server, signal });
      return reply.kind === 'answer' ? withoutDecoys(await judge(reply.body, asked, rules()), asked.question, question) : reply;
    },
  };
}

const noKeys: Pick<KeyRing, 'find'> = { find: () => ({ kind: 'unknown' }) };

function ringOf(trust: readonly Uint8Array[] | KeyRing, crypto: Crypto): KeyRing | undefined {
  if ('find' in trust && 'offer' in trust) {
    return trust;
  }
  return trust.length === 0 ? undefined : createKeyRing({ keys: trust, crypto });
}

/** Steps 1 and 2. */
function ask(
  question: Question,
  by: { readonly crypto: Crypto; readonly isPadded: boolean; readonly decoysFor: (hashes: readonly Uint8Array[]) => Uint8Array[] },
): Asked {
  const nonce = by.crypto.randomBytes(nonceBytes);
  const hashes = [...question.hashes, ...by.decoysFor(question.hashes)];
  const groups = [{ kind: question.kind, algorithm: question.algorithm, prefixes: hashes }];
  const request = encodeQuery({ nonce, groups, ...(by.isPadded ? { wants: 'direct' } : {}) });
  return { question: { ...question, hashes }, nonce, request, isPadded: by.isPadded };
}

function withoutDecoys(reply: Reply<SourceAnswers>, asked: Question, question: Question): Reply<SourceAnswers> {
  if (reply.kind !== 'answer' || asked.hashes.length === question.hashes.length) {
    return reply;
  }
  const real = new Set(question.hashes);
  return { kind: 'answer', body: { ...reply.body, answers: reply.body.answers.filter((one) => real.has(one.asked)) } };
}

/** Step 3: waits and failures go through as they are; a transport that throws has failed. */
async function send(
  asked: Asked,
  by: { readonly transport: Transport; readonly server: Server; readonly signal: AbortSignal },
): Promise<Reply<Uint8Array>> {
  try {
    const reply = await by.transport.send(asked.request, { server: by.server, signal: by.signal, maxBytes: maxAnswerBytes });
    return reply.kind === 'failed' && reply.reason === undefined ? { ...reply, reason: 'unreachable' } : reply;
  } catch (error) {
    return { kind: 'failed', retry: true, reason: 'unreachable', detail: describeError(error) };
  }
}

async function judge(bytes: Uint8Array, asked: Asked, rules: BeliefRules): Promise<Reply<SourceAnswers>> {
  const belief = await believe(bytes, asked, rules).catch(
    // What cannot be decoded may have been damaged on the way: worth one more try.
    (error: unknown): Belief => ({ kind: 'refused', retry: true, why: describeError(error) }),
  );
  return belief.kind === 'believed'
    ? { kind: 'answer', body: { answers: belief.answers, strength: belief.strength } }
    : { kind: 'failed', retry: belief.retry, reason: 'bad-answer', detail: belief.why };
}
