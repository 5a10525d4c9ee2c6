/** The fast form of matching says what the clear one says. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { toLatin1 } from '../../src/base/bytes.js';
import { matchAnswers } from '../../src/query/decide/answers.js';
import { answersInOrder } from '../../src/query/decide/answers-in-order.js';
import { answerTo } from './scripted-source.js';
import type { Answer, Question } from '../../src/base/fingerprint.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };

/** Few values, so that hashes are answered twice, not at all, or were never asked; two of the three lengths are prefixes and not. */
const hashes = fc.tuple(fc.constantFrom(3, 4, 32), fc.nat(5), fc.constantFrom(0, 0x7f, 0x80, 0xff)).map(([length, last, first]) => {
  const hash = new Uint8Array(length).fill(first);
  hash[length - 1] = last;
  return hash;
});
const questions = fc.uniqueArray(hashes, { selector: toLatin1, minLength: 1, maxLength: 20 }).map((all): Question => ({ kind: 'file', algorithm: 'sha256', hashes: all }));
const replies = fc.array(hashes.map((hash) => answerTo(hash)), { maxLength: 30 });

const clearForm = (question: Question, answers: readonly Answer[]): (Answer | undefined)[] => {
  const matched = matchAnswers(question, answers);
  return question.hashes.map((hash) => matched.get(toLatin1(hash)));
};

describe('answers in order', () => {
  it('are those that the clear form matches, each at its hash', () => {
    let [answered, open] = [0, 0];
    fc.assert(fc.property(questions, replies, (question, answers) => {
      const inOrder = answersInOrder(question, answers);
      const clear = clearForm(question, answers);
      expect(inOrder.length).toBe(clear.length);
      inOrder.forEach((answer, i) => expect(answer).toBe(clear[i]));
      answered += inOrder.filter((one) => one !== undefined).length;
      open += inOrder.filter((one) => one === undefined).length;
    }), runs);
    expect(answered).toBeGreaterThan(0);
    expect(open).toBeGreaterThan(0);
  });

  it('leave a hash open that is answered three times', () => {
    const asked = Uint8Array.of(1, 2, 3, 4);
    const three = [1, 2, 3].map(() => answerTo(asked));
    expect(answersInOrder({ kind: 'file', algorithm: 'sha256', hashes: [asked] }, three)).toEqual([undefined]);
  });
});
