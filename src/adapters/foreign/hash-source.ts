/**
 * A foreign service that is asked by full hash, as a reputation source: the frame that they share. The full hashes of
 * files leave the machine with every question: a service like this is used by explicit choice only (DESIGN rule 1).
 */
import { toHex } from '../../base/bytes.js';
import { describeError } from '../../base/errors.js';
import type { Answer, AnswerRecord, HashAlgorithm, Question } from '../../base/fingerprint.js';
import type { ReputationSource, SourceAnswers } from '../../query/reputation-source.js';
import type { Reply } from '../../query/transport.js';
import { badAnswer } from './http-json.js';

/** One hash that is asked about. */
export interface AskedHash {
  readonly algorithm: HashAlgorithm;
  readonly hash: Uint8Array;
  /** Lower case. */
  readonly hex: string;
}

/** What the service says about one hash: no record means "not listed". */
export interface Found {
  readonly records: readonly AnswerRecord[];
  readonly ttlMs: number;
}

/** What such a source is made of. */
export interface HashSourceOptions {
  readonly id: string;
  readonly strength: 1 | 2;
  readonly maxBatch: number;
  readonly algorithms: readonly HashAlgorithm[];
  /** See `ReputationSource`. */
  readonly silence?: 'clears' | 'abstains';
  readonly probes?: boolean;
  /** Asks about one hash. What it throws is a failure. */
  askOne(asked: AskedHash, signal: AbortSignal): Promise<Reply<Found>>;
  /** Asks about all hashes of a question at once, where the service has that; undefined where not for this algorithm. */
  readonly askAll?: (asked: readonly AskedHash[], signal: AbortSignal) => Promise<Reply<ReadonlyMap<string, Found>>> | undefined;
}

const aborted: Exclude<Reply<never>, { kind: 'answer' }> = { kind: 'failed', retry: true, reason: 'unreachable', detail: 'aborted' };

/** Questions of one lookup that are on the wire at a time. */
const lanes = 4;

/** A source for files. A question about URLs, or by another algorithm, fails: "not listed" would be a lie. */
export function createHashSource(options: HashSourceOptions): ReputationSource {
  const { id, strength, maxBatch, algorithms } = options;
  return {
    id,
    scope: 'global',
    asks: 'full-hash',
    maxBatch,
    strength,
    ...(options.silence === undefined ? {} : { silence: options.silence }),
    ...(options.probes === undefined ? {} : { probes: options.probes }),
    async lookup(question, { signal }): Promise<Reply<SourceAnswers>> {
      if (question.kind !== 'file' || !algorithms.includes(question.algorithm)) {
        return { kind: 'failed', retry: false, reason: 'unreachable', detail: `${id} knows files by ${algorithms.join(', ')} only` };
      }
      if (signal.aborted) {
        return aborted;
      }
      try {
        return await lookupAll(question, options, signal);
      } catch (error) {
        return badAnswer(describeError(error));
      }
    },
  };
}

async function lookupAll(question: Question, options: HashSourceOptions, signal: AbortSignal): Promise<Reply<SourceAnswers>> {
  const asked = question.hashes.map((hash) => ({ algorithm: question.algorithm, hash, hex: toHex(hash) }));
  const together = asked.length > 1 ? options.askAll?.(asked, signal) : undefined;
  if (together === undefined) {
    return lookupEach(asked, options, signal);
  }
  const reply = await together;
  if (reply.kind !== 'answer') {
    return reply;
  }
  const answers = asked.flatMap(({ hash, hex }) => {
    const found = reply.body.get(hex);
    return found === undefined ? [] : [answerOf(hash, found)];
  });
  return { kind: 'answer', body: { answers } };
}

/** One by one. After the first that is not answered no more are begun; those that were answered count. */
async function lookupEach(asked: readonly AskedHash[], options: HashSourceOptions, signal: AbortSignal): Promise<Reply<SourceAnswers>> {
  const left = [...asked];
  const answers: Answer[] = [];
  let refusal: Exclude<Reply<Found>, { kind: 'answer' }> | undefined;
  const runLane = async (): Promise<void> => {
    for (let one = left.shift(); one !== undefined && refusal === undefined && !signal.aborted; one = left.shift()) {
      const reply = await options.askOne(one, signal);
      if (reply.kind === 'answer') {
        answers.push(answerOf(one.hash, reply.body));
      } else {
        refusal ??= reply;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(lanes, asked.length) }, runLane));
  if (answers.length > 0 || asked.length === 0) {
    return { kind: 'answer', body: { answers } };
  }
  return refusal ?? aborted;
}

function answerOf(asked: Uint8Array, { records, ttlMs }: Found): Answer {
  return { asked: asked.slice(), records, ttlMs };
}
