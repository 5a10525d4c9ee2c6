/** A query client over a few scripted servers, in few words. */
import { answers, answerTo, createBench, createScriptedSource, fileOf, hashOf } from './scripted-source.js';
import type { QueryClientOptions } from '../../src/query/create-query-client.js';
import type { AskOutcome } from '../../src/query/query-client.js';
import type { Bench, ScriptedOptions, ScriptedSource, Step } from './scripted-source.js';

/** What a server does at each call: a step, all answers, or answers of one that knows hash 1. */
export type Script = (call: number) => Step | 'answers' | 'lists 1';

export interface Scene extends Bench {
  readonly servers: readonly ScriptedSource[];
}

export type Given = Script | (Omit<ScriptedOptions, 'clock' | 'script'> & { readonly script: Script });

/** One scripted server per script, ids a, b, c …; `lists 1` knows hash 1 as malicious. */
export function scene(scripts: readonly Given[], options: Partial<QueryClientOptions> = {}): Scene {
  const servers: ScriptedSource[] = [];
  const bench = createBench((clock) => {
    scripts.forEach((given, i) => {
      const { script, ...more } = typeof given === 'function' ? { script: given } : given;
      servers.push(
        createScriptedSource({
          id: String.fromCharCode(97 + i),
          clock,
          script: (question, call) => {
            const step = script(call);
            return step === 'answers' ? answers(question) : step === 'lists 1' ? answers(question, { lists: [hashOf(1)] }) : step;
          },
          ...more,
        }),
      );
    });
    return servers;
  }, options);
  return { ...bench, servers };
}

/** Asks about these prefixes and lets time pass until there is an outcome. */
export const ask = async ({ client, clock }: Scene, prefixes: readonly number[] = [1], options = {}): Promise<{ outcomes: readonly AskOutcome[]; tookMs: number }> => {
  const beganMs = clock.monotonicMs();
  const outcomes = await clock.run(client.ask(prefixes.map((one) => fileOf(one)), options));
  return { outcomes, tookMs: clock.monotonicMs() - beganMs };
};
export const callCounts = (one: Scene): number[] => one.servers.map((server) => server.calls.length);
export const after = (afterMs: number, step: Step): Step => ({ ...step, afterMs });
export const waits = (waitMs?: number): Step => ({ reply: { kind: 'wait', ...(waitMs === undefined ? {} : { waitMs }) } });

/** A step that answers hash 1 as not listed. */
export function answersOne(afterMs?: number, ignoresSignal = false): Step {
  const reply = { kind: 'answer', body: { answers: [answerTo(hashOf(1).slice(0, 4))] } } as const;
  return { reply, ignoresSignal, ...(afterMs === undefined ? {} : { afterMs }) };
}
