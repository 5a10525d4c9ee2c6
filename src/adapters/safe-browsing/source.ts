/** `hashes.search` as a reputation source: asked by prefix, answered with full hashes, believed because of HTTPS. */
import { compareBytes, equalBytes } from '../../base/bytes.js';
import type { Answer, AnswerRecord, Question } from '../../base/fingerprint.js';
import type { Clock } from '../../base/seams.js';
import type { ReputationSource, SourceAnswers } from '../../query/reputation-source.js';
import type { Reply } from '../../query/transport.js';
import type { SafeBrowsingApi } from './api.js';
import { recordsOf, type Enforcement } from './threats.js';
import type { Positives } from './positives.js';

/** What the source is made of. */
export interface SourceOptions extends Enforcement {
  readonly id: string;
  readonly api: Pick<SafeBrowsingApi, 'search'>;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  readonly positives: Positives;
}

const maxPrefixes = 1000;
const dayMs = 86_400_000;

/** A source for URLs; a question about files fails, since the service lists none. */
export function createSafeBrowsingSource(options: SourceOptions): ReputationSource {
  return {
    id: options.id,
    scope: 'global',
    asks: 'prefix',
    maxBatch: maxPrefixes,
    strength: 2,
    async lookup(question, { signal }): Promise<Reply<SourceAnswers>> {
      if (question.kind !== 'url' || question.algorithm !== 'sha256') {
        return { kind: 'failed', retry: false, reason: 'unreachable', detail: 'Safe Browsing knows URLs only' };
      }
      // In the order of their bytes: the order of a page's expressions would tell which belong together.
      const prefixes = [...question.hashes].sort(compareBytes);
      const reply = await options.api.search(prefixes, signal);
      if (reply.kind !== 'answer') {
        return reply;
      }
      const ttlMs = Math.min(reply.body.cacheMs, dayMs);
      return { kind: 'answer', body: { answers: answersFor(question, { records: recordsOf(reply.body, options), ttlMs, options }) } };
    },
  };
}

/** One answer for every prefix that was asked, "nothing found" included: the time to live is that of the response. */
function answersFor(question: Question, found: { readonly records: readonly AnswerRecord[]; readonly ttlMs: number; readonly options: SourceOptions }): Answer[] {
  const { positives, clock } = found.options;
  return question.hashes.map((asked) => {
    const records = found.records.filter((one) => equalBytes(one.hash.subarray(0, asked.length), asked));
    if (records.length === 0) {
      positives.remove(asked);
    } else {
      positives.add(asked, clock.monotonicMs() + found.ttlMs);
    }
    return { asked, records, ttlMs: found.ttlMs };
  });
}
