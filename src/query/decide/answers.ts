/**
 * Step 4: what came back from a source, sorted out: which answer belongs to what was asked, and what it is worth to
 * whoever asked. Pure. A source may be the host's own code, so the shape of what it gives is not taken on trust.
 */
import { toLatin1 } from '../../base/bytes.js';
import { matchingRecords } from '../../base/fingerprint.js';
import { speaksAgainst } from '../../base/web-reputation.js';
import type { Answer, Fingerprint, Question } from '../../base/fingerprint.js';
import type { SourceAnswers } from '../reputation-source.js';
import type { Reply } from '../transport.js';

/** The reply as it is to be taken: what has no proper shape is a failure that the source is not asked about again. */
export function parseReply(value: unknown): Reply<SourceAnswers> {
  // untrusted: the promise of a source may resolve to anything
  if (isObject(value)) {
    if (value['kind'] === 'wait') {
      return typeof value['waitMs'] === 'number' ? { kind: 'wait', waitMs: value['waitMs'] } : { kind: 'wait' };
    }
    if (value['kind'] === 'failed') {
      const reason = value['reason'] === 'bad-answer' ? 'bad-answer' : 'unreachable';
      return { kind: 'failed', retry: value['retry'] === true, reason };
    }
    if (value['kind'] === 'answer' && isSourceAnswers(value['body'])) {
      return { kind: 'answer', body: value['body'] };
    }
  }
  return { kind: 'failed', retry: false, reason: 'bad-answer' };
}

/**
 * The answers by what they answer (`toLatin1(asked)`): by what was asked, never by position. Answers to what was not
 * asked are ignored; a hash that is answered twice is not answered, since nobody can say which one holds.
 */
export function matchAnswers(question: Question, answers: readonly Answer[]): ReadonlyMap<string, Answer> {
  const asked = new Set(question.hashes.map(toLatin1));
  const byAsked = new Map<string, Answer>();
  const twice = new Set<string>();
  for (const answer of answers) {
    const key = toLatin1(answer.asked);
    if (byAsked.has(key)) {
      twice.add(key);
    } else if (asked.has(key)) {
      byAsked.set(key, answer);
    }
  }
  for (const key of twice) {
    byAsked.delete(key);
  }
  return byAsked;
}

/**
 * What an answer is worth to one caller: `settles` it; comes from a server that is `behind`; or is a `find` of an
 * older generation, which serves only if nobody answers better. A record that says clean is not a find: of an older
 * generation it settles nothing (DESIGN §1 c).
 */
export function judgeAnswer(
  answer: Answer,
  fingerprint: Fingerprint,
  minGeneration: number | undefined,
): 'settles' | 'behind' | 'find' {
  const { generation } = answer;
  if (minGeneration === undefined || (generation !== undefined && generation >= minGeneration)) {
    return 'settles';
  }
  const isFind = matchingRecords(answer, fingerprint).some(speaksAgainst);
  if (!isFind) {
    return 'behind';
  }
  // A foreign service has no generations: its find cannot be of an older one.
  return generation === undefined ? 'settles' : 'find';
}

function isSourceAnswers(value: unknown): value is SourceAnswers {
  return (
    isObject(value) &&
    Array.isArray(value['answers']) &&
    value['answers'].every(isAnswer) &&
    (value['strength'] === undefined || typeof value['strength'] === 'number')
  );
}

function isAnswer(value: unknown): value is Answer {
  return (
    isObject(value) &&
    value['asked'] instanceof Uint8Array &&
    typeof value['ttlMs'] === 'number' &&
    isOptionalCount(value['generation']) &&
    Array.isArray(value['records']) &&
    value['records'].every(isRecord)
  );
}

function isRecord(value: unknown): boolean {
  return (
    isObject(value) &&
    value['hash'] instanceof Uint8Array &&
    typeof value['disposition'] === 'string' &&
    ['malicious', 'suspicious', 'clean', 'unknown'].includes(value['disposition']) &&
    isOptionalScore(value['score']) &&
    isOptionalCount(value['size']) &&
    isOptionalTexts(value['categories']) &&
    Array.isArray(value['threats']) &&
    value['threats'].every((threat) => isObject(threat) && typeof threat['name'] === 'string')
  );
}

/** A generation that is no number compares as neither older nor newer: it would end what is known of the newest one. */
function isOptionalCount(value: unknown): boolean {
  return value === undefined || (Number.isSafeInteger(value) && (value as number) >= 0);
}

function isOptionalTexts(value: unknown): boolean {
  return value === undefined || (Array.isArray(value) && value.every((one) => typeof one === 'string'));
}

/** A score that is no number is above every bound, and so would be clean. */
function isOptionalScore(value: unknown): boolean {
  return value === undefined || (typeof value === 'number' && value >= 0 && value <= 100);
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
