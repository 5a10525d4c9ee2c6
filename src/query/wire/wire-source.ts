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
import { keysById } from '../../protocol/keys.js';
import { maxAnswerBytes, maxPrefixes, nonceBytes } from '../../protocol/limits.js';
import { encodeQuery } from '../../protocol/query-message.js';
import { believe, type Asked, type Belief, type BeliefRules } from './believe.js';
import type { ReputationSource, SourceAnswers } from '../reputation-source.js';
import { serverTrust } from './server-trust.js';
import type { Reply, Server, Transport } from '../transport.js';

/** What a wire source is made of. */
export interface WireSourceOptions {
  readonly transport: Transport;
  readonly server: Server;
  /** Raw public keys (32 bytes each) whose signatures are believed. Empty only for literal loopback or in-process. */
  readonly trust: readonly Uint8Array[];
  readonly crypto: Crypto;
  readonly clock: Pick<Clock, 'now'>;
  /** The newest server generation seen from anybody: statement proofs of an older one are refused. */
  newestGeneration?(): number | undefined;
}

/**
 * A source over one server. With trusted keys every answer must be signed by one of them, from loopback too.
 * @throws VedetteError `config-invalid`, naming the server, when its answers could never be believed.
 */
export function createWireSource(options: WireSourceOptions): ReputationSource {
  const { transport, server, crypto } = options;
  const trust = serverTrust(server, transport.schemes, options.trust.length > 0);
  const keys = keysById(options.trust, crypto);
  const rules = (): BeliefRules => ({
    trust,
    keys,
    crypto,
    now: options.clock.now(),
    newestGeneration: options.newestGeneration?.(),
  });
  return {
    id: server.id,
    scope: server.scope,
    asks: 'prefix',
    maxBatch: maxPrefixes,
    strength: trust === 'signed' ? 4 : 1,
    lookup: async (question, { signal }) => {
      assertInteger('hashes of a question', question.hashes.length, { min: 1, max: maxPrefixes });
      const asked = ask(question, crypto);
      const reply = await send(asked, { transport, server, signal });
      return reply.kind === 'answer' ? judge(reply.body, asked, rules()) : reply;
    },
  };
}

/** Steps 1 and 2. */
function ask(question: Question, crypto: Crypto): Asked {
  const nonce = crypto.randomBytes(nonceBytes);
  const group = { kind: question.kind, algorithm: question.algorithm, prefixes: question.hashes };
  return { question, nonce, request: encodeQuery({ nonce, groups: [group] }) };
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
