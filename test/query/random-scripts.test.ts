/**
 * A thousand random scripts (QUERY_SCRIPTS for another number) under the checks of `random-world.ts`; the same checks
 * must find a sabotaged source out.
 */
import { describe, expect, it } from 'vitest';
import { play } from './random-world.js';
import { answerTo } from './scripted-source.js';
import type { Question } from '../../src/base/fingerprint.js';
import type { ReputationSource, SourceAnswers } from '../../src/query/reputation-source.js';
import type { Reply } from '../../src/query/transport.js';
import type { Sabotage } from './random-world.js';

const scripts = Number(process.env['QUERY_SCRIPTS'] ?? 1000);

describe('random scripts', () => {
  it(`every caller hears in time and the truth (${scripts} scripts)`, async () => {
    const faults: string[] = [];
    for (let seed = 1; seed <= scripts && faults.length === 0; seed++) {
      faults.push(...(await play(seed)));
    }
    expect(faults).toEqual([]);
  }, 120_000);
});

const rewriting = (source: ReputationSource, change: (reply: Reply<SourceAnswers>, question: Question) => Reply<SourceAnswers>): ReputationSource => ({
  ...source,
  lookup: async (question, options) => change(await source.lookup(question, options), question),
});
const negative = (question: Question): Reply<SourceAnswers> => ({ kind: 'answer', body: { answers: question.hashes.map((hash) => answerTo(hash)) } });

/** Each takes one promise of the client away where a source meets it; the checks above must notice. */
const sabotages: Record<string, Sabotage> = {
  'takes a failure for "not listed"': (source) => rewriting(source, (reply, question) => (reply.kind === 'failed' ? negative(question) : reply)),
  'takes silence for "not listed"': (source, clock) => ({
    ...source,
    lookup: (question, options) =>
      Promise.race([source.lookup(question, options), clock.sleep(500, options.signal).then(() => negative(question))]),
  }),
  'matches answers by position': (source) =>
    rewriting(source, (reply, { hashes }) =>
      reply.kind === 'answer'
        ? { kind: 'answer', body: { answers: reply.body.answers.slice(0, hashes.length).map((answer, i) => ({ ...answer, asked: hashes[i]! })) } }
        : reply,
    ),
  'does not look at generations': (source) =>
    rewriting(source, (reply) =>
      reply.kind === 'answer' ? { kind: 'answer', body: { answers: reply.body.answers.map((answer) => ({ ...answer, generation: 9 })) } } : reply,
    ),
  'does not heed a wait': (source) => rewriting(source, (reply) => (reply.kind === 'wait' ? { kind: 'failed', retry: true } : reply)),
  'gives full hashes to everybody': (source) => ({ ...source, asks: 'full-hash' }),
};

describe('the checks find a client out that', () => {
  it.each(Object.entries(sabotages))('%s', async (_, sabotage) => {
    const faults: string[] = [];
    for (let seed = 1; seed <= 100 && faults.length === 0; seed++) {
      faults.push(...(await play(seed, sabotage)));
    }
    expect(faults).not.toEqual([]);
  });
});
