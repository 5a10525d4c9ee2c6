/**
 * Several reputation sources as one. All are asked at the same time; what they say about a hash is decided by weight
 * (`votes.ts`). A hash on which those who answered have not enough weight is left unanswered, never "not listed".
 *
 * Members that ask by full hash get full hashes: each is told of every file. Members that ask by prefix get prefixes.
 */
import { VedetteError } from '../../base/errors.js';
import type { Answer, Question } from '../../base/fingerprint.js';
import type { Clock } from '../../base/seams.js';
import { createSystemClock } from '../../preset/system-seams.js';
import type { ReputationSource, SourceAnswers } from '../../query/reputation-source.js';
import type { Reply } from '../../query/transport.js';
import { countBallots } from './ballot.js';
import { createMemberDesk, type MemberDesk, type MemberReply } from './members.js';
import type { Silence } from './opinions.js';
import type { Majority, Outcome, Vote } from './votes.js';

/** A source and what its word weighs. */
export interface QuorumMember {
  readonly source: ReputationSource;
  /** Above 0. */
  readonly weight: number;
  /** What "no record" of this source means. `abstains` is for lists of good files. Default `unlisted`. */
  readonly silence?: Silence;
}

/** Members that do not say the same about a hash. The hash stays here: it is the host's to hand on or not. */
export interface Disagreement {
  readonly kind: Question['kind'];
  readonly algorithm: Question['algorithm'];
  /** Full hash. */
  readonly hash: Uint8Array;
  /** The size of file that it is about, where records of members are about one size only. */
  readonly size?: number;
  readonly votes: readonly Vote[];
  readonly outcome: Outcome;
}

/** Options of `createQuorumSource`. */
export interface QuorumOptions {
  readonly sources: readonly QuorumMember[];
  /** Weight that has to say "nothing against it" before a file is not listed. */
  readonly need: number;
  /** Weight of finds that makes a find. Default `need`. */
  readonly find?: number;
  /** Unique among the sources of an engine. Default `quorum`. */
  readonly id?: string;
  /** Called for every hash that members disagree on. What it throws is ignored. */
  readonly onDisagreement?: (event: Disagreement) => void;
  /** Time that a member gets. Default 2500: less than the query client gives a source. */
  readonly memberMs?: number;
  readonly clock?: Clock;
}

interface Seat extends QuorumMember {
  readonly desk: MemberDesk;
}

/**
 * A source that asks others. Closing it closes its members.
 * @throws VedetteError `config-invalid` for weights that cannot decide anything, or members with the same id.
 */
export function createQuorumSource(options: QuorumOptions): ReputationSource {
  const majority: Majority = { need: options.need, find: options.find ?? options.need };
  checkOptions(options, majority);
  const { sources, memberMs = 2_500, onDisagreement } = options;
  const clock = options.clock ?? createSystemClock();
  const seats: readonly Seat[] = sources.map((member) => ({ ...member, desk: createMemberDesk(member.source, { clock, limitMs: memberMs }) }));
  const members = sources.map((member) => member.source);
  return {
    id: options.id ?? 'quorum',
    scope: members.every((member) => member.scope === 'local') ? 'local' : 'global',
    asks: 'full-hash',
    maxBatch: Math.min(...members.map((member) => member.maxBatch)),
    strength: Math.min(...members.map((member) => member.strength)),
    async lookup(question, { signal }) {
      const replies = await Promise.all(seats.map(({ desk }) => desk.ask(question, signal)));
      return decideAll(question, { seats, replies, majority, onDisagreement });
    },
    close: async () => {
      await Promise.all(members.map(async (member) => member.close?.()));
    },
  };
}

interface Poll {
  readonly seats: readonly Seat[];
  readonly replies: readonly MemberReply[];
  readonly majority: Majority;
  readonly onDisagreement: QuorumOptions['onDisagreement'];
}

function decideAll(question: Question, { seats, replies, majority, onDisagreement }: Poll): Reply<SourceAnswers> {
  const answers: Answer[] = [];
  for (const hash of question.hashes) {
    const ballots = seats.map(({ source, weight, silence = 'unlisted' }, index) => {
      const reply = replies[index];
      return { source: source.id, weight, silence, answer: reply?.kind === 'answered' ? reply.answerTo(hash) : undefined };
    });
    const { answer, disagreements } = countBallots(hash, ballots, majority);
    for (const { size, votes, outcome } of disagreements) {
      const about = size === undefined ? {} : { size };
      tell(onDisagreement, { kind: question.kind, algorithm: question.algorithm, hash: hash.slice(), ...about, votes, outcome });
    }
    if (answer !== undefined) {
      answers.push(answer);
    }
  }
  if (answers.length === 0 && question.hashes.length > 0) {
    return whyNot(replies);
  }
  const strengths = replies.flatMap((reply) => (reply.kind === 'answered' ? reply.strength : []));
  return { kind: 'answer', body: { answers, ...(strengths.length === 0 ? {} : { strength: Math.min(...strengths) }) } };
}

/** A wait where nothing but waits keeps the quorum from deciding; a failure otherwise. */
function whyNot(replies: readonly MemberReply[]): Reply<SourceAnswers> {
  const waits = replies.flatMap((reply) => (reply.kind === 'waiting' ? reply.waitMs : []));
  const failures = replies.flatMap((reply) => (reply.kind === 'failed' ? reply : []));
  if (waits.length > 0 && failures.length === 0) {
    return { kind: 'wait', waitMs: Math.ceil(Math.min(...waits)) };
  }
  const retry = failures.length === 0 || failures.some((failure) => failure.retry);
  const reason = failures.length > 0 && failures.every((failure) => failure.reason === 'bad-answer') ? 'bad-answer' : 'unreachable';
  return { kind: 'failed', retry, reason, detail: 'not enough of the quorum answered' };
}

/** A listener that throws, or rejects, hurts nobody. */
function tell(listener: ((event: Disagreement) => unknown) | undefined, event: Disagreement): void {
  try {
    const result = listener?.(event);
    if (result instanceof Promise) {
      result.catch(() => undefined);
    }
  } catch {
    // The answer counts, not who was told.
  }
}

function checkOptions({ sources, memberMs = 1 }: QuorumOptions, { need, find }: Majority): void {
  const total = sources.reduce((sum, member) => sum + member.weight, 0);
  const ids = sources.map((member) => member.source.id);
  const isBetween = (value: number): boolean => Number.isFinite(value) && value > 0 && value <= total + 1e-9;
  const faults = [
    ...(sources.length === 0 ? ['sources: none'] : []),
    ...(new Set(ids).size < ids.length ? ['sources: ids must be unique'] : []),
    ...(sources.every(({ weight }) => Number.isFinite(weight) && weight > 0) ? [] : ['weight: expected a number above 0']),
    ...(isBetween(need) ? [] : [`need: expected more than 0 and at most ${total}`]),
    ...(isBetween(find) ? [] : [`find: expected more than 0 and at most ${total}`]),
    ...(Number.isSafeInteger(memberMs) && memberMs > 0 ? [] : ['memberMs: expected ms from 1 on']),
  ];
  if (faults.length > 0) {
    throw new VedetteError('config-invalid', `quorum: ${faults.join('; ')}`, { detail: { faults } });
  }
}
