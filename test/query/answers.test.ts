import { describe, expect, it } from 'vitest';
import { judgeAnswer, matchAnswers, parseReply } from '../../src/query/decide/answers.js';
import { answerTo, fileOf, hashOf } from './scripted-source.js';

describe('answers', () => {
  const question = { kind: 'file', algorithm: 'sha256', hashes: [1, 2, 3].map((n) => hashOf(n).slice(0, 4)) } as const;
  const [one, two, three] = question.hashes as [Uint8Array, Uint8Array, Uint8Array];

  it('are matched by what was asked, in any order', () => {
    const matched = matchAnswers(question, [answerTo(three), answerTo(one)]);
    expect([...matched.values()].map((answer) => answer.asked)).toEqual([three, one]);
  });

  it('to what was not asked are ignored', () => {
    expect(matchAnswers(question, [answerTo(hashOf(9).slice(0, 4)), answerTo(hashOf(1)), answerTo(new Uint8Array())]).size).toBe(0);
  });

  it('that are given twice are none', () => {
    const matched = matchAnswers(question, [answerTo(one), answerTo(two, { lists: [hashOf(2)] }), answerTo(two)]);
    expect([...matched.values()]).toEqual([answerTo(one)]);
  });

  it.each<[string, { generation?: number; lists?: readonly Uint8Array[] }, number | undefined, string]>([
    ['not listed, no generation wanted', {}, undefined, 'settles'],
    ['not listed, new enough', { generation: 7 }, 7, 'settles'],
    ['not listed, too old', { generation: 6 }, 7, 'behind'],
    ['not listed, no generation', {}, 7, 'behind'],
    ['listed, new enough', { generation: 7, lists: [hashOf(1)] }, 7, 'settles'],
    ['listed, too old', { generation: 6, lists: [hashOf(1)] }, 7, 'find'],
    ['listed, no generation', { lists: [hashOf(1)] }, 7, 'settles'],
    ['another hash of the prefix listed, too old', { generation: 6, lists: [hashOf(1, 9)] }, 7, 'behind'],
  ])('%s', (_, says, minGeneration, expected) => {
    expect(judgeAnswer(answerTo(one, says), fileOf(1), minGeneration)).toBe(expected);
  });

  it('that say clean, of an older generation, are not kept in reserve', () => {
    const clean = { ...answerTo(one, { lists: [hashOf(1)], generation: 6 }) };
    const answer = { ...clean, records: clean.records.map((record) => ({ ...record, disposition: 'clean' as const })) };
    expect(judgeAnswer(answer, fileOf(1), 7)).toBe('behind');
  });

  const good = { kind: 'answer', body: { answers: [answerTo(one, { lists: [hashOf(1)] })] } };
  it.each<[string, unknown]>([
    ['nothing', undefined],
    ['null', null],
    ['a text', 'answer'],
    ['an unknown kind', { kind: 'ok' }],
    ['no body', { kind: 'answer' }],
    ['no list', { kind: 'answer', body: { answers: {} } }],
    ['an answer of nothing', { kind: 'answer', body: { answers: [null] } }],
    ['an answer to a text', { kind: 'answer', body: { answers: [{ ...answerTo(one), asked: 'x' }] } }],
    ['no records', { kind: 'answer', body: { answers: [{ ...answerTo(one), records: undefined }] } }],
    ['a record of nothing', { kind: 'answer', body: { answers: [{ ...answerTo(one), records: [7] }] } }],
    ['an unknown disposition', { kind: 'answer', body: { answers: [{ ...answerTo(one), records: [{ hash: one, disposition: 'safe', threats: [] }] }] } }],
    ['no life', { kind: 'answer', body: { answers: [{ ...answerTo(one), ttlMs: '1' }] } }],
    ['a generation that is none', { kind: 'answer', body: { answers: [{ ...answerTo(one), generation: '1' }] } }],
    ['a generation that is no number', { kind: 'answer', body: { answers: [{ ...answerTo(one), generation: Number.NaN }] } }],
    ['a generation without end', { kind: 'answer', body: { answers: [{ ...answerTo(one), generation: Number.POSITIVE_INFINITY }] } }],
    ['a score that is no number', { kind: 'answer', body: { answers: [{ ...answerTo(one), records: [{ hash: one, disposition: 'malicious', threats: [], score: Number.NaN }] }] } }],
    ['a size that is no number', { kind: 'answer', body: { answers: [{ ...answerTo(one), records: [{ hash: one, disposition: 'malicious', threats: [], size: Number.NaN }] }] } }],
    ['a disposition in a list', { kind: 'answer', body: { answers: [{ ...answerTo(one), records: [{ hash: one, disposition: ['malicious'], threats: [] }] }] } }],
    ['a strength that is none', { ...good, body: { ...good.body, strength: '4' } }],
  ])('of the wrong shape (%s) are a failure', (_, value) => {
    expect(parseReply(value)).toEqual({ kind: 'failed', retry: false, reason: 'bad-answer' });
  });

  it.each<[unknown, unknown]>([
    [good, good],
    [{ kind: 'wait' }, { kind: 'wait' }],
    [{ kind: 'wait', waitMs: 5, other: 1 }, { kind: 'wait', waitMs: 5 }],
    [{ kind: 'wait', waitMs: '5' }, { kind: 'wait' }],
    [{ kind: 'failed', retry: true }, { kind: 'failed', retry: true, reason: 'unreachable' }],
    [{ kind: 'failed' }, { kind: 'failed', retry: false, reason: 'unreachable' }],
    [{ kind: 'failed', retry: true, reason: 'bad-answer' }, { kind: 'failed', retry: true, reason: 'bad-answer' }],
  ])('%j is read as %j', (value, expected) => {
    expect(parseReply(value)).toEqual(expected);
  });
});
