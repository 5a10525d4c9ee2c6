/** An origin, a relay before it and an agent before the relay, all in one process and on one clock. */
import type { Answer, Question } from '../../src/base/fingerprint.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import type { ReputationSource, SourceAnswers } from '../../src/query/reputation-source.js';
import type { Reply } from '../../src/query/transport.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import { createHandler, type HandlerOptions } from '../../src/server/handler.js';
import { createRelay, type RelayOptions } from '../../src/server/relay/create-relay.js';
import type { ReputationStore } from '../../src/server/reputation-store.js';
import type { Handler } from '../../src/server/routes/route.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { crypto, listedPrefix, listedRecord, startAt, trusted } from './wire-fixtures.js';

/** A signal that does not fire. */
export const never = (): AbortSignal => new AbortController().signal;

/** A store of one generation that knows one listed file. */
export function originStore(generation = 5): ReputationStore {
  return {
    generation,
    lookup: (kind, algorithm, prefixes) =>
      prefixes.map((prefix) => (kind === 'file' && algorithm === 'sha256' && prefix.join() === listedPrefix.join() ? [listedRecord] : [])),
  };
}

/** An upstream that counts what it is asked and can be taken down. */
export interface Upstream {
  readonly fetch: (request: Request) => Promise<Response>;
  handler: Handler;
  up: boolean;
  requests: number;
}

/** One over the handler. */
export function upstreamOver(handler: Handler): Upstream {
  const upstream: Upstream = {
    handler,
    up: true,
    requests: 0,
    fetch: async (request) => {
      upstream.requests++;
      if (!upstream.up) {
        throw new TypeError('fetch failed');
      }
      return upstream.handler(request);
    },
  };
  return upstream;
}

/** The three of them. */
export interface Scene {
  readonly clock: FakeClock;
  readonly upstream: Upstream;
  readonly relay: Handler;
  /** What the agent gets when it asks the relay. */
  readonly ask: (question: Question) => Promise<Reply<SourceAnswers>>;
}

/** Sets the scene; the origin knows generation 5. */
export function relayScene(
  options: { readonly relay?: Partial<RelayOptions>; readonly origin?: Partial<HandlerOptions>; readonly fetch?: RelayOptions['upstream']['fetch'] } = {},
): Scene {
  const clock = new FakeClock(startAt);
  const upstream = upstreamOver(createHandler({ store: originStore(), crypto, clock, signer: trusted, ...options.origin }));
  const relay = createRelay({
    upstream: { address: 'https://origin.example', fetch: options.fetch ?? upstream.fetch },
    trust: [trusted.publicKey],
    crypto,
    clock,
    random: () => 0.5,
    ...options.relay,
  });
  const agent = agentBefore(relay, clock);
  return { clock, upstream, relay, ask: (question) => agent.lookup(question, { signal: never() }) };
}

/** An agent that trusts the origin's key and asks this handler. */
export function agentBefore(
  handler: Handler,
  clock: FakeClock,
  changes: Partial<Parameters<typeof createWireSource>[0]> = {},
): ReputationSource {
  return createWireSource({
    transport: createInProcessTransport(handler, { clock }),
    server: { id: 'relay', address: 'in-process:relay', scope: 'local' },
    trust: [trusted.publicKey],
    crypto,
    clock,
    ...changes,
  });
}

/** The answers of a reply, in the order of the question; undefined where there is none. */
export function answersTo(question: Question, reply: Reply<SourceAnswers>): (Answer | undefined)[] {
  const answers = reply.kind === 'answer' ? reply.body.answers : [];
  return question.hashes.map((hash) => answers.find((one) => one.asked.join() === hash.join()));
}
