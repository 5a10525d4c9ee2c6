/**
 * Asks the members of a quorum, each by what it asks by: one that asks by prefix never sees a full hash. Who wants to be
 * left alone is, who takes too long is not waited for.
 */
import { toLatin1 } from '../../base/bytes.js';
import { hashPrefix, type Answer, type Question } from '../../base/fingerprint.js';
import type { Clock } from '../../base/seams.js';
import { Alarm } from '../../query/client/alarm.js';
import { exchange } from '../../query/client/exchange.js';
import { matchAnswers } from '../../query/decide/answers.js';
import type { ReputationSource } from '../../query/reputation-source.js';
import { maxWaitMs, unnamedWaitMs } from '../../query/decide/server-state.js';

/** What came of asking one member. */
export type MemberReply =
  | { readonly kind: 'answered'; readonly strength: number; readonly answerTo: (hash: Uint8Array) => Answer | undefined }
  | { readonly kind: 'waiting'; readonly waitMs: number }
  | { readonly kind: 'failed'; readonly retry: boolean; readonly reason: 'unreachable' | 'bad-answer' };

/** One member as it is asked. */
export interface MemberDesk {
  ask(question: Question, signal: AbortSignal): Promise<MemberReply>;
}

/** A member and the end of its wait. */
export function createMemberDesk(source: ReputationSource, { clock, limitMs }: { readonly clock: Clock; readonly limitMs: number }): MemberDesk {
  const alarm = new Alarm(clock, { background: true });
  let waitUntilMs = Number.NEGATIVE_INFINITY;
  return {
    async ask(question, signal) {
      const leftMs = waitUntilMs - clock.monotonicMs();
      if (leftMs > 0) {
        return { kind: 'waiting', waitMs: leftMs };
      }
      const own = questionFor(source, question);
      const end = await exchange({ source, question: own, clock, alarm, limitMs, signal, onLate: () => undefined });
      switch (end.kind) {
        case 'answer': {
          const byAsked = matchAnswers(own, end.body.answers);
          return { kind: 'answered', strength: Math.min(source.strength, end.body.strength ?? source.strength), answerTo: (hash) => byAsked.get(toLatin1(askedFor(source, hash))) };
        }
        case 'wait': {
          const waitMs = end.waitMs === undefined || !(end.waitMs >= 0) ? unnamedWaitMs : Math.min(end.waitMs, maxWaitMs);
          waitUntilMs = clock.monotonicMs() + waitMs;
          return { kind: 'waiting', waitMs };
        }
        case 'failed':
          return { kind: 'failed', retry: end.retry, reason: end.reason ?? 'unreachable' };
        case 'timeout':
        case 'called-off':
          return { kind: 'failed', retry: true, reason: 'unreachable' };
      }
    },
  };
}

/** Unique, and copies: a view of a full hash would give a prefix source the rest of it. */
function questionFor(source: ReputationSource, question: Question): Question {
  const hashes = new Map(question.hashes.map((hash) => [toLatin1(askedFor(source, hash)), askedFor(source, hash).slice()]));
  return { ...question, hashes: [...hashes.values()] };
}

function askedFor(source: ReputationSource, hash: Uint8Array): Uint8Array {
  return source.asks === 'prefix' ? hashPrefix(hash) : hash;
}
