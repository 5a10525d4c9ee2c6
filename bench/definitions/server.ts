/** Server: how many prefixes a second a server of 10⁷ records answers over loopback, signing every answer. */
import type { Definition } from '../definition.js';
import { bareUndici, redisMget, verifyingSource } from '../engines/server.js';
import { batchSize, rightAnswer, serverInput, type ServerInput } from '../inputs/server-input.js';

/** 90 of 100 prefixes are listed. */
export const serverHits: Definition<ServerInput> = serverDefinition('server-hits', { listedShare: 0.9 });

/** Two of 100 are: what passes an agent's filter by chance, mostly. */
export const serverMisses: Definition<ServerInput> = serverDefinition('server-misses', { listedShare: 0.02 });

function serverDefinition(name: string, { listedShare }: { readonly listedShare: number }): Definition<ServerInput> {
  return {
    name,
    title: ({ files, questions }) =>
      `prefixes over loopback, ${batchSize} a question, ${files.records.toLocaleString('en')} records, ` +
      `${Math.round(questions.reduce((sum, one) => sum + one.listed, 0) / questions.length)} of 100 listed`,
    unit: { name: 'prefixes', per: 1 },
    clock: 'wall',
    baseline: 'ioredis',
    analysis:
      '`vedette serve --data` over a mapped table, with as many processes as there are cores; Redis holds the same prefixes ' +
      'with 60 bytes each and is asked by MGET over the one connection that ioredis fills. Both are asked by this one ' +
      'process, 32 questions at a time, with the server on the same cores. Our server signs every answer with Ed25519 and pads it. ' +
      'Bytes taken: undici alone; one answer of twenty is read after the pass. Answers verified: the source ' +
      'over the undici transport, signature and statements included; Redis proves nothing, and its answers have nothing to be read.',
    engines: [redisMget, bareUndici, verifyingSource],
    prepare: (context) => serverInput(context, listedShare),
    amounts: ({ atOnce }) => (atOnce > 4 ? { probe: 100_000, steps: [400_000, 1_600_000] } : { probe: 200, steps: [1_000] }),
    expected: (input, amount) => rightAnswer(input, amount),
    host: () => undefined,
    dispose: ({ server }) => server.close(),
  };
}
