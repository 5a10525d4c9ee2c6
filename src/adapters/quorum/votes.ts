/**
 * What several sources together say about one hash. Pure.
 *
 *   finds of enough weight                       malicious, or suspicious where some only suspect
 *   enough weight that has nothing against it    clean (where one vouches for it and none speaks against it), else unlisted
 *   enough voted, but neither side has enough    undecided while somebody is absent, else split
 *   not enough voted                             undecided while somebody is absent, else unknown
 */

/** What one source says about a hash. */
export type Opinion =
  | 'malicious'
  | 'suspicious'
  /** It vouches for it. */
  | 'clean'
  /** It answered, and has nothing against it. */
  | 'unlisted'
  /** It answered that it cannot say. */
  | 'abstains'
  /** It did not answer. */
  | 'absent';

/** A source and its opinion. */
export interface Vote {
  /** Id of the source. */
  readonly source: string;
  readonly weight: number;
  readonly opinion: Opinion;
}

/** What the votes amount to. `undecided` may change when those who are absent are back. */
export type Outcome = 'malicious' | 'suspicious' | 'clean' | 'unlisted' | 'split' | 'unknown' | 'undecided';

/** Weights that are needed. */
export interface Majority {
  /** For a find. */
  readonly find: number;
  /** For "nothing against it". */
  readonly need: number;
}

/** Sums of weights such as 0.7 + 0.1 + 0.2 miss 1 by less than this. */
const tolerance = 1e-9;

/** The outcome of a vote, whatever the order of the votes. */
export function decide(votes: readonly Vote[], { find, need }: Majority): Outcome {
  const weightOf = (...opinions: readonly Opinion[]): number => votes.reduce((sum, vote) => sum + (opinions.includes(vote.opinion) ? vote.weight : 0), 0);
  const reaches = (weight: number, bound: number): boolean => weight >= bound - tolerance;
  const against = weightOf('malicious', 'suspicious');
  const good = weightOf('clean', 'unlisted');
  if (reaches(weightOf('malicious'), find)) {
    return 'malicious';
  }
  if (reaches(against, find)) {
    return 'suspicious';
  }
  if (reaches(good, need)) {
    return against === 0 && weightOf('clean') > 0 ? 'clean' : 'unlisted';
  }
  if (weightOf('absent') > 0) {
    return 'undecided';
  }
  return reaches(against + good, need) ? 'split' : 'unknown';
}

/** Whether one speaks against the hash and another, asked the same, does not. */
export function disagrees(votes: readonly Vote[]): boolean {
  const has = (...opinions: readonly Opinion[]): boolean => votes.some((vote) => opinions.includes(vote.opinion));
  return has('malicious', 'suspicious') && has('clean', 'unlisted');
}
