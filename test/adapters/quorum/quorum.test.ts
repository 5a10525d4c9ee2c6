import { describe, expect, it } from 'vitest';
import { createQuorumSource, type Disagreement, type QuorumOptions } from '../../../src/adapters/quorum.js';
import type { Question } from '../../../src/base/fingerprint.js';
import { digestSubject } from '../../../src/base/subject.js';
import { createEngine } from '../../../src/preset/portable.js';
import type { HashEntry } from '../../../src/pattern/hash-entry.js';
import type { ReputationSource, SourceAnswers } from '../../../src/query/reputation-source.js';
import type { Reply } from '../../../src/query/transport.js';
import { createScriptedSource, FakeClock, type ScriptedSource } from '../../../src/testing.js';

const hashOf = (mark: number): Uint8Array => new Uint8Array(32).fill(mark);
const listed = (mark: number, disposition: HashEntry['disposition'] = 'malicious', more: Partial<HashEntry> = {}): HashEntry => ({ kind: 'file', algorithm: 'sha256', hash: hashOf(mark), disposition, threat: { name: `Test.${mark}`, type: 'x' }, ...more });
const question = (...marks: readonly number[]): Question => ({ kind: 'file', algorithm: 'sha256', hashes: marks.map(hashOf) });
const never = new AbortController().signal;

interface Bench {
  readonly clock: FakeClock;
  readonly members: readonly ScriptedSource[];
  readonly events: Disagreement[];
  readonly source: ReputationSource;
  readonly ask: (...marks: readonly number[]) => Promise<Reply<SourceAnswers>>;
}

function bench(entries: readonly (readonly HashEntry[])[], options: Partial<QuorumOptions> & { readonly silence?: readonly ('unlisted' | 'abstains')[] } = {}): Bench {
  const clock = new FakeClock();
  const members = entries.map((own, i) => createScriptedSource({ id: `m${i}`, asks: 'full-hash', strength: 2, entries: own, clock }));
  const events: Disagreement[] = [];
  const sources = members.map((source, i) => ({ source, weight: 1, silence: options.silence?.[i] ?? ('unlisted' as const) }));
  const source = createQuorumSource({ sources, need: 2, clock, onDisagreement: (event) => events.push(event), ...options });
  return { clock, members, events, source, ask: (...marks) => clock.run(source.lookup(question(...marks), { signal: never })) };
}

describe('a quorum', () => {
  it('decides by those who agree, and tells who does not', async () => {
    const { ask, events } = bench([[listed(1)], [listed(1), listed(2)], []]);
    expect(await ask(1, 2, 3)).toMatchObject({ kind: 'answer', body: { strength: 2, answers: [{ records: [{ disposition: 'malicious', threats: [{ name: 'Test.1' }] }] }, { records: [] }, { records: [] }] } });
    expect(events.map(({ hash, votes, outcome }) => [hash[0], votes.map((vote) => vote.opinion).join(), outcome])).toEqual([
      [1, 'malicious,malicious,unlisted', 'malicious'],
      [2, 'unlisted,malicious,unlisted', 'unlisted'],
    ]);
  });

  it.each([['down'], ['hang'], ['partial']] as const)('with one member %s the other two decide; with two, nobody does, and nothing is clean', async (kind) => {
    const { ask, members } = bench([[], [], []]);
    const mode = kind === 'partial' ? { kind, answered: 0 } : { kind };
    members[0]!.mode = mode;
    expect(await ask(1)).toMatchObject({ kind: 'answer', body: { answers: [{ records: [] }] } });
    members[1]!.mode = mode;
    expect((await ask(1)).kind).toBe('failed');
  });

  it('a find of enough weight stands although the others are down', async () => {
    const { ask, members } = bench([[listed(1)], [], []], { find: 1 });
    members[1]!.mode = members[2]!.mode = { kind: 'down' };
    expect(await ask(1)).toMatchObject({ kind: 'answer', body: { answers: [{ records: [{ disposition: 'malicious' }] }] } });
    expect((await ask(2)).kind).toBe('failed');
  });

  it('of several hashes those are answered that could be decided', async () => {
    const { ask, members } = bench([[listed(1)], [listed(1)], []], { need: 3, find: 2 });
    members[2]!.mode = { kind: 'down' };
    const reply = await ask(1, 2);
    expect(reply.kind === 'answer' && reply.body.answers.map((one) => one.asked[0])).toEqual([1]);
  });

  it('a list of good files has no voice on what it does not know', async () => {
    const { ask } = bench([[listed(1, 'clean')], []], { need: 1, silence: ['abstains', 'unlisted'] });
    expect(await ask(1)).toMatchObject({ body: { answers: [{ records: [{ disposition: 'clean' }] }] } });
    const alone = bench([[listed(1, 'clean')]], { need: 1, silence: ['abstains'] });
    expect(await alone.ask(1)).toMatchObject({ body: { answers: [{ records: [{ disposition: 'clean' }] }] } });
    expect(await alone.ask(2)).toMatchObject({ body: { answers: [{ records: [{ disposition: 'unknown' }] }] } });
  });

  it('a split vote is suspicious', async () => {
    const { ask, events } = bench([[listed(1)], []]);
    expect(await ask(1)).toMatchObject({ body: { answers: [{ records: [{ disposition: 'suspicious', threats: [{ name: 'Test.1' }] }] }] } });
    expect(events[0]?.outcome).toBe('split');
  });

  it('records about one size stay about it', async () => {
    const { ask } = bench([[listed(1, 'malicious', { size: 7 })], [listed(1, 'malicious', { size: 7 })]]);
    expect(await ask(1)).toMatchObject({ body: { answers: [{ records: [{ disposition: 'malicious', size: 7 }] }] } });
  });

  it('a member that wants to be left alone is, and where only that is missing the quorum waits', async () => {
    const { ask, clock, members } = bench([[], []]);
    members[0]!.mode = { kind: 'wait', waitMs: 30_000 };
    expect(await ask(1)).toEqual({ kind: 'wait', waitMs: 30_000 });
    members[0]!.mode = { kind: 'up' };
    await clock.advance(20_000);
    expect(await ask(1)).toEqual({ kind: 'wait', waitMs: 10_000 });
    expect(members[0]!.questions.length).toBe(1);
    await clock.advance(10_000);
    expect((await ask(1)).kind).toBe('answer');
    members[0]!.mode = { kind: 'wait', waitMs: 30_000 };
    members[1]!.mode = { kind: 'down', retry: false, reason: 'bad-answer' };
    expect(await ask(1)).toMatchObject({ kind: 'failed', retry: false, reason: 'bad-answer' });
  });

  it('a member that asks by prefix never sees a full hash', async () => {
    const clock = new FakeClock();
    const sibling = { ...listed(1), hash: hashOf(1).map((byte, i) => (i < 4 ? byte : 9)) };
    const prefix = createScriptedSource({ id: 'p', asks: 'prefix', entries: [sibling] });
    const full = createScriptedSource({ id: 'f', asks: 'full-hash' });
    const source = createQuorumSource({ sources: [{ source: prefix, weight: 1 }, { source: full, weight: 1 }], need: 2, clock });
    expect(await source.lookup(question(1), { signal: never })).toMatchObject({ body: { answers: [{ records: [] }] } });
    expect(prefix.questions[0]?.hashes.map((hash) => [hash.length, hash.buffer.byteLength])).toEqual([[4, 4]]);
  });

  it('is as strong as the weakest that answered, lives as long as the shortest, and is of the oldest generation named', async () => {
    const { source, members, ask } = bench([[], []]);
    expect(source.strength).toBe(2);
    members[0]!.generation = 3;
    members[1]!.generation = 8;
    expect(await ask(1)).toMatchObject({ body: { strength: 2, answers: [{ generation: 3, ttlMs: 300_000 }] } });
  });

  it.each<[string, unknown]>([
    ['throws', () => { throw new Error('no'); }],
    ['rejects', () => Promise.reject(new Error('no'))],
  ])('a listener that %s costs no answer', async (_, onDisagreement) => {
    const { ask } = bench([[listed(1)], []], { onDisagreement: onDisagreement as () => void });
    expect((await ask(1)).kind).toBe('answer');
  });

  it('a member that throws, or answers rubbish, is absent', async () => {
    const { ask, members } = bench([[], [], []]);
    members[0]!.mode = { kind: 'throw', error: new Error('bug') };
    expect((await ask(1)).kind).toBe('answer');
    Object.assign(members[1]!, { lookup: async () => ({ kind: 'answer', body: { answers: [{ asked: 'x' }] } }) });
    expect((await ask(1)).kind).toBe('failed');
  });

  it('ends at once on abort', async () => {
    const { members, source } = bench([[], []]);
    members.forEach((member) => Object.assign(member, { mode: { kind: 'hang' } }));
    const ending = new AbortController();
    const reply = source.lookup(question(1), { signal: ending.signal });
    ending.abort();
    expect((await reply).kind).toBe('failed');
    expect(members.map((member) => member.open())).toEqual([0, 0]);
  });

  it('behind an engine, a file on which nobody could decide is unknown and flagged', async () => {
    const { clock, members, source } = bench([[listed(1)], [], []]);
    members[1]!.mode = members[2]!.mode = { kind: 'down' };
    const engine = createEngine({ background: 'manual', query: { holdMs: 3_000 }, parts: { clock, random: () => 0.5, source: [source] } });
    const result = await clock.run(engine.check(digestSubject(hashOf(1)), { layers: 'remote' }));
    expect([result.verdict.disposition, result.verdict.reason, result.pending.kind]).toEqual(['unknown', 'unreachable', 'queued']);
    members[1]!.mode = members[2]!.mode = { kind: 'up' };
    await engine.close();
  });

  it.each<[string, Partial<QuorumOptions>]>([
    ['no sources', { sources: [] }],
    ['a need of nothing', { need: 0 }],
    ['a need that all together do not reach', { need: 3 }],
    ['a find that all together do not reach', { find: 3 }],
    ['a time that is none', { memberMs: 0 }],
    ['two of one name', { sources: [1, 2].map(() => ({ source: createScriptedSource(), weight: 1 })) }],
    ['a weight of nothing', { sources: [{ source: createScriptedSource(), weight: 0 }] }],
  ])('%s is refused', (_, options) => {
    expect(() => bench([[], []], options)).toThrow(/quorum/);
  });
});
