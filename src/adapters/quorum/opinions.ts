/** From the records of an answer to the opinion of who gave it. Pure. */
import { equalBytes } from '../../base/bytes.js';
import type { Answer, AnswerRecord } from '../../base/fingerprint.js';
import type { Disposition } from '../../base/verdict.js';
import { compareDispositions } from '../../base/verdict.js';
import { dispositionOfClass, webClassOf } from '../../base/web-reputation.js';
import type { Opinion } from './votes.js';

/** What "no record" means: nothing against it, or, from a list of good files, nothing at all. */
export type Silence = 'unlisted' | 'abstains';

/** The disposition of a record, ratings by their class. */
export function dispositionOf(record: AnswerRecord): Disposition {
  const webClass = webClassOf(record);
  return webClass === undefined ? record.disposition : dispositionOfClass(webClass);
}

/** The records that speak about the hash and, where they name one, this size. */
export function recordsAbout(answer: Answer, hash: Uint8Array, size: number | undefined): AnswerRecord[] {
  return answer.records.filter((record) => equalBytes(record.hash, hash) && (record.size === undefined || record.size === size));
}

/** The opinion that an answer is; the worst of its records counts. */
export function opinionIn(answer: Answer | undefined, about: { readonly hash: Uint8Array; readonly size: number | undefined; readonly silence: Silence }): Opinion {
  if (answer === undefined) {
    return 'absent';
  }
  const [worst] = recordsAbout(answer, about.hash, about.size).map(dispositionOf).sort((a, b) => compareDispositions(b, a));
  if (worst === undefined) {
    return about.silence;
  }
  return worst === 'unknown' ? 'abstains' : worst;
}

/** The sizes that answers make a difference for: undefined, for any other size, comes first. */
export function sizesIn(answers: readonly (Answer | undefined)[], hash: Uint8Array): (number | undefined)[] {
  const records = answers.flatMap((answer) => answer?.records ?? []);
  return [...new Set([undefined, ...records.filter((record) => equalBytes(record.hash, hash)).map((record) => record.size)])];
}
