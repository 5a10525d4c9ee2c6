/** Link engines: our source and our query client over the undici transport, with signatures and without. */
import { createNodeCrypto } from '../../../src/node/node-crypto.js';
import { createUndiciTransport } from '../../../src/node/undici/create-undici-transport.js';
import { createSystemClock, systemRandom } from '../../../src/preset/system-seams.js';
import { parsePublicKey } from '../../../src/protocol/keys.js';
import { createQueryClient } from '../../../src/query/create-query-client.js';
import type { ReputationSource } from '../../../src/query/reputation-source.js';
import type { Transport } from '../../../src/query/transport.js';
import { createWireSource } from '../../../src/query/wire/wire-source.js';
import type { Engine, Running } from '../../definition.js';
import { running } from '../../definition.js';
import type { LinkInput } from '../../inputs/link-input.js';
import { askMany, linkAnswer } from '../../inputs/link-input.js';

/** Answers signed by the server and verified here. */
export const signedSource: Engine<LinkInput> = sourceEngine('vedette, signed', true);

/** The same from a server without a key. */
export const unsignedSource: Engine<LinkInput> = sourceEngine('vedette, unsigned', false);

/** Signed answers, and around the source batching, coalescing, breaker and time limits. */
export const signedClient: Engine<LinkInput> = {
  name: 'vedette query client, signed',
  async start(input) {
    const { source, transport } = await sourceOver(input, true);
    const client = createQueryClient({ sources: [source], clock: createSystemClock(), random: systemRandom, onAnswers: () => undefined });
    return running({
      run: (amount) =>
        askMany(input, amount, async ({ fingerprints }) => {
          const answers = (await client.ask(fingerprints, {})).flatMap((one) => (one.kind === 'answered' ? [one.answer] : []));
          return { answered: answers.length, listed: answers.reduce((sum, one) => sum + one.records.length, 0) };
        }),
      answer: linkAnswer,
      close: async () => {
        await client.close();
        await transport.close?.();
      },
    });
  },
};

function sourceEngine(name: string, isSigned: boolean): Engine<LinkInput> {
  return {
    name,
    async start(input): Promise<Running> {
      const { source, transport } = await sourceOver(input, isSigned);
      return running({
        run: (amount) =>
          askMany(input, amount, async ({ prefixes }) => {
            const reply = await source.lookup({ kind: 'file', algorithm: 'sha256', hashes: prefixes }, { signal: new AbortController().signal });
            const answers = reply.kind === 'answer' ? reply.body.answers : [];
            return { answered: answers.length, listed: answers.reduce((sum, one) => sum + one.records.length, 0) };
          }),
        answer: linkAnswer,
        close: () => transport.close?.(),
      });
    },
  };
}

async function sourceOver({ servers, atOnce }: LinkInput, isSigned: boolean): Promise<{ readonly source: ReputationSource; readonly transport: Transport }> {
  const transport = await createUndiciTransport({ connections: atOnce });
  const source = createWireSource({
    transport,
    server: { id: 'link', address: isSigned ? servers.url : servers.unsignedUrl, scope: 'local' },
    trust: isSigned ? [parsePublicKey(servers.publicKey)] : [],
    crypto: createNodeCrypto(),
    clock: createSystemClock(),
  });
  return { source, transport };
}
