/**
 * Ratings of URLs: scores and the classes that they fall into (DESIGN §5, "Web reputation"). What is blocked at which
 * level is policy's to decide; here stands only what a score means.
 */
import type { Disposition } from './verdict.js';

/** What a rating amounts to, from the best to the worst; `untested` is apart: nobody has rated the URL yet. */
export const webClasses = ['safe', 'untested', 'suspicious', 'highly-suspicious', 'dangerous'] as const;

/** The class of a rated URL. */
export type WebClass = (typeof webClasses)[number];

/** What a source says about one URL expression. */
export interface Rating {
  readonly disposition: Disposition;
  /** 0 (worst) to 100. */
  readonly score?: number | undefined;
}

/** The score that goes with `untested` by custom. It means that only where the source calls the URL unknown. */
export const untestedScore = 71;

/** Highest score of each class that is not safe. */
export const highestScore = { dangerous: 50, 'highly-suspicious': 65, suspicious: 80 } as const;

/** The class of a score from 0 to 100. A score alone never means untested. */
export function classOfScore(score: number): Exclude<WebClass, 'untested'> {
  if (score <= highestScore.dangerous) {
    return 'dangerous';
  }
  if (score <= highestScore['highly-suspicious']) {
    return 'highly-suspicious';
  }
  return score <= highestScore.suspicious ? 'suspicious' : 'safe';
}

/**
 * The class of what a source says; undefined for a word without a score that is no rating (a threat list's).
 * A source that calls a URL unknown and scores it low all the same is taken at its worse word.
 */
export function webClassOf({ disposition, score }: Rating): WebClass | undefined {
  if (disposition === 'unknown' && (score === undefined || score === untestedScore || score > highestScore.suspicious)) {
    return 'untested';
  }
  return score === undefined ? undefined : classOfScore(score);
}

/** Whether the word speaks against its subject: a listing as malicious or suspicious, or a rating that is not safe. */
export function speaksAgainst(rating: Rating): boolean {
  const webClass = webClassOf(rating);
  const disposition = webClass === undefined ? rating.disposition : dispositionOfClass(webClass);
  return disposition === 'malicious' || disposition === 'suspicious';
}

/** What a class says about the URL. */
export function dispositionOfClass(webClass: WebClass): Disposition {
  switch (webClass) {
    case 'safe':
      return 'clean';
    case 'untested':
      return 'unknown';
    case 'suspicious':
    case 'highly-suspicious':
      return 'suspicious';
    case 'dangerous':
      return 'malicious';
  }
}
