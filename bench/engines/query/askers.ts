/** Query engines over our server: a transport alone, a source that believes by signature, the whole query client. */
import { createNodeCrypto } from '../../../src/node/node-crypto.js';
import { createFetchTransport } from '../../../src/preset/http/fetch-transport.js';
import { createSystemClock, systemRandom } from '../../../src/preset/system-seams.js';
import { decodeAnswer } from '../../../src/protocol/answer-message.js';
import { maxAnswerBytes } from '../../../src/protocol/limits.js';
import { parsePublicKey } from '../../../src/protocol/keys.js';
import { decodeStatement } from '../../../src/protocol/statement.js';
import { createQueryClient } from '../../../src/query/create-query-client.js';
import type { ReputationSource } from '../../../src/query/reputation-source.js';
import type { Transport } from '../../../src/query/transport.js';
import { createWireSource } from '../../../src/query/wire/wire-source.js';
import type { Engine } from '../../definition.js';
import { Unavailable, running } from '../../definition.js';
import { assertMethods } from '../../host-engine.js';
import type { QueryInput } from '../../inputs/query-input.js';
import { batchAt, queryAnswer } from '../../inputs/query-input.js';

/** Ours over `fetch`. */
export const fetchTransport: Engine<QueryInput> = transportEngine('vedette fetch transport', createFetchTransport);

/** Requests made, answers verified and matched: one exchange after the other. */
export const wireSource: Engine<QueryInput> = {
  name: 'vedette wire source',
  start(input) {
    const source = sourceOver(input);
    return running({
      async run(amount) {
        const signal = new AbortController().signal;
        let [answers, records] = [0, 0];
        for (let i = 0; i < amount; i++) {
          const reply = await source.lookup({ kind: 'file', algorithm: 'sha256', hashes: batchAt(input, i).prefixes }, { signal });
          if (reply.kind === 'answer') {
            answers += reply.body.answers.length;
            records += reply.body.answers.reduce((sum, one) => sum + one.records.length, 0);
          }
        }
        return { roundTrips: amount, answers, records };
      },
      answer: queryAnswer,
    });
  },
};

/** The source, and around it batching, coalescing, breaker, time limits. */
export const queryClient: Engine<QueryInput> = {
  name: 'vedette query client',
  start(input) {
    const client = createQueryClient({
      sources: [sourceOver(input)],
      clock: createSystemClock(),
      random: systemRandom,
      onAnswers: () => undefined,
    });
    return running({
      async run(amount) {
        let [answers, records] = [0, 0];
        for (let i = 0; i < amount; i++) {
          for (const outcome of await client.ask(batchAt(input, i).fingerprints, {})) {
            if (outcome.kind === 'answered') {
              answers++;
              records += outcome.answer.records.length;
            }
          }
        }
        return { roundTrips: amount, answers, records };
      },
      answer: queryAnswer,
      close: () => client.close(),
    });
  },
};

/** Any transport that speaks `http:`. Requests are made beforehand, answers taken apart afterwards. */
export function transportEngine(name: string, create: () => Transport | Promise<Transport>): Engine<QueryInput> {
  return {
    name,
    async start(input) {
      const transport = await create();
      assertMethods(transport, ['send']);
      if (transport.schemes?.['http'] === undefined) {
        throw new Unavailable('speaks no http: addresses');
      }
      return running({
        async run(amount) {
          const options = { server: input.server, signal: new AbortController().signal, maxBytes: maxAnswerBytes };
          const replies: Uint8Array[] = [];
          for (let i = 0; i < amount; i++) {
            const reply = await transport.send(batchAt(input, i).request, options);
            replies.push(reply.kind === 'answer' ? reply.body : new Uint8Array(0));
          }
          return replies;
        },
        answer: answerOfReplies,
        close: () => transport.close?.(),
      });
    },
  };
}

function sourceOver({ server, loopback }: QueryInput): ReputationSource {
  return createWireSource({
    transport: createFetchTransport(),
    server,
    trust: [parsePublicKey(loopback.publicKey)],
    crypto: createNodeCrypto(),
    clock: createSystemClock(),
  });
}

function answerOfReplies(replies: readonly Uint8Array[]): string {
  const failed = replies.filter(({ length }) => length === 0).length;
  if (failed > 0) {
    return `${failed} of ${replies.length} round trips without an answer`;
  }
  const statements = replies.flatMap((reply) => decodeAnswer(reply).statements.map((one) => decodeStatement(one)));
  const records = statements.reduce((sum, one) => sum + (one.kind === 'understood' ? one.statement.records.length : 0), 0);
  return queryAnswer({ roundTrips: replies.length, answers: statements.length, records });
}
