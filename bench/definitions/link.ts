/** Link: how many fingerprints a second go through client and server together, each in a process of its own. */
import type { Definition } from '../definition.js';
import { signedClient, signedSource, unsignedSource } from '../engines/query/link.js';
import { redisLookups } from '../engines/query/redis.js';
import type { LinkInput } from '../inputs/link-input.js';
import { linkAnswer, linkInput } from '../inputs/link-input.js';

const atOnce = 32;

/** One fingerprint a question. */
export const link1: Definition<LinkInput> = linkDefinition('link-1', { size: 1, questions: 20_000, steps: [10_000, 40_000] });

/** 100 fingerprints a question. */
export const link100: Definition<LinkInput> = linkDefinition('link-100', { size: 100, questions: 200, steps: [400_000, 1_600_000] });

function linkDefinition(
  name: string,
  { size, questions, steps }: { readonly size: number; readonly questions: number; readonly steps: readonly number[] },
): Definition<LinkInput> {
  return {
    name,
    title: () => `fingerprints over loopback, ${size === 1 ? 'one' : size} a question, ${atOnce} questions at once`,
    unit: { name: 'fingerprints', per: 1 },
    clock: 'wall',
    baseline: 'ioredis',
    analysis:
      'Client and server are two processes, and have a core each where there are two. Redis is asked for bare keys (GET, ' +
      'or MGET for many) over one connection that ioredis fills; it proves nothing. Our server searches its pattern in ' +
      'memory, signs every answer with Ed25519 and pads it to its size class; the source over the undici transport ' +
      'verifies the signature and matches every statement to what was asked. Unsigned is the same without a key: the ' +
      'difference is what the proof costs. The query client adds batching, coalescing, breaker and time limits; single ' +
      'questions of one turn of the event loop travel together.',
    engines: [redisLookups, signedSource, unsignedSource, signedClient],
    prepare: (context) =>
      context.size === 'full' ? linkInput(context, { size, questions, listed: 100_000, atOnce }) : linkInput(context, { size, questions: 32, listed: 300, atOnce: 4 }),
    // Many at once: with a handful, lanes would run dry most of the time, and connections and code would still be cold.
    amounts: (input) => (input.atOnce === atOnce ? { probe: steps[0]! / 5, steps } : { probe: 2 * size, steps: [10 * size] }),
    expected: (input, amount) => {
      const count = amount / size;
      const listed = Array.from({ length: count }, (_, i) => input.questions[i % input.questions.length]!.listed);
      return linkAnswer({ questions: count, answered: amount, listed: listed.reduce((sum, one) => sum + one, 0) });
    },
    host: () => undefined,
    dispose: ({ servers }) => servers.close(),
  };
}
