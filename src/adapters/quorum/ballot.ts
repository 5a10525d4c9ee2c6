/** One hash, what every member said about it, and the answer that follows. Pure. */
import type { Answer, AnswerRecord } from '../../base/fingerprint.js';
import { uniqueThreats, type Threat } from '../../base/verdict.js';
import { classOfScore, dispositionOfClass } from '../../base/web-reputation.js';
import { dispositionOf, opinionIn, recordsAbout, sizesIn, type Silence } from './opinions.js';
import { decide, disagrees, type Majority, type Outcome, type Vote } from './votes.js';

/** What a member said about the hash; no answer is no opinion. */
export interface Ballot {
  readonly source: string;
  readonly weight: number;
  readonly silence: Silence;
  readonly answer: Answer | undefined;
}

/** The votes on a hash, and their outcome. */
export interface Count {
  /** The size of file that it is about; undefined for any. */
  readonly size: number | undefined;
  readonly votes: readonly Vote[];
  readonly outcome: Outcome;
}

/** The result for one hash. */
export interface Result {
  /** Undefined while those who are absent could still decide it. */
  readonly answer: Answer | undefined;
  /** The counts in which members disagree. */
  readonly disagreements: readonly Count[];
}

/** Counts the ballots on a hash: once for any size, and once for each size that somebody's records are about. */
export function countBallots(hash: Uint8Array, ballots: readonly Ballot[], majority: Majority): Result {
  const counts = sizesIn(ballots.map((ballot) => ballot.answer), hash).map((size): Count => {
    const votes = ballots.map(({ source, weight, silence, answer }) => ({ source, weight, opinion: opinionIn(answer, { hash, size, silence }) }));
    return { size, votes, outcome: decide(votes, majority) };
  });
  const disagreements = counts.filter((count) => disagrees(count.votes));
  if (counts.some((count) => count.outcome === 'undecided')) {
    return { answer: undefined, disagreements };
  }
  const answers = ballots.flatMap((ballot) => ballot.answer ?? []);
  const generations = answers.flatMap((answer) => answer.generation ?? []);
  const answer: Answer = {
    asked: hash.slice(),
    records: counts.flatMap((count) => recordOf(hash, count, answers)),
    ttlMs: Math.min(...answers.map((one) => one.ttlMs)),
    ...(generations.length === 0 ? {} : { generation: Math.min(...generations) }),
  };
  return { answer, disagreements };
}

function recordOf(hash: Uint8Array, { size, outcome }: Count, answers: readonly Answer[]): AnswerRecord[] {
  const common = { hash: hash.slice(), ...(size === undefined ? {} : { size }) };
  switch (outcome) {
    case 'unlisted':
    case 'undecided':
      return [];
    case 'clean':
    case 'unknown':
      return [{ ...common, disposition: outcome, threats: [] }];
    case 'split':
    case 'malicious':
    case 'suspicious': {
      const disposition = outcome === 'malicious' ? 'malicious' : 'suspicious';
      const finds = answers.flatMap((answer) => recordsAbout(answer, hash, size)).filter((record) => ['malicious', 'suspicious'].includes(dispositionOf(record)));
      return [{ ...common, disposition, threats: threatsOf(finds), ...scoreOf(finds, disposition) }];
    }
  }
}

function threatsOf(finds: readonly AnswerRecord[]): Threat[] {
  const threats = uniqueThreats(finds.flatMap((record) => record.threats));
  return threats.length > 0 ? threats : [{ name: 'Quorum.Listed', type: 'unclassified' }];
}

/** The lowest score that anybody gave, where it means what was decided: a score outweighs the word beside it. */
function scoreOf(finds: readonly AnswerRecord[], disposition: 'malicious' | 'suspicious'): { readonly score?: number } {
  const scores = finds.flatMap((record) => record.score ?? []).filter((score) => dispositionOfClass(classOfScore(score)) === disposition);
  return scores.length === 0 ? {} : { score: Math.min(...scores) };
}
