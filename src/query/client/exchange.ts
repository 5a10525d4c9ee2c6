/**
 * Step 4: one question put to one source, once. Always ends, whatever the source does: on its answer, on its throw,
 * at its time limit, or when it is called off; a source that ignores its signal is simply not waited for.
 */
import { parseReply } from '../decide/answers.js';
import type { Question } from '../../base/fingerprint.js';
import type { Clock } from '../../base/seams.js';
import type { Alarm } from './alarm.js';
import type { ReputationSource, SourceAnswers } from '../reputation-source.js';
import type { Reply } from '../transport.js';

/** How an exchange ended. */
export type ExchangeEnd = Reply<SourceAnswers> | { readonly kind: 'timeout' } | { readonly kind: 'called-off' };

/** One exchange. */
export interface ExchangeOptions {
  readonly source: ReputationSource;
  readonly question: Question;
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** In the background: the caller's own hold keeps a process alive, this wait need not. */
  readonly alarm: Alarm;
  /** The source's signal fires after this time. */
  readonly limitMs: number;
  /** Calls the exchange off. */
  readonly signal: AbortSignal;
  /** Given what a source that ignores its signal says after the exchange has ended. */
  readonly onLate: (late: Reply<SourceAnswers>) => void;
}

/** Resolves with the end of the exchange; never rejects. The source's own work may outlive it, unheeded. */
export function exchange(options: ExchangeOptions): Promise<ExchangeEnd> {
  const { source, question, clock, alarm, limitMs, signal, onLate } = options;
  if (signal.aborted) {
    return Promise.resolve({ kind: 'called-off' });
  }
  return new Promise((resolve) => {
    const forSource = new AbortController();
    let isOver = false;
    const end = (how: ExchangeEnd): void => {
      if (isOver) {
        return;
      }
      isOver = true;
      signal.removeEventListener('abort', callOff);
      alarm.clear(atLimit);
      if (how.kind === 'timeout' || how.kind === 'called-off') {
        forSource.abort();
      }
      resolve(how);
    };
    const callOff = (): void => end({ kind: 'called-off' });
    const take = (value: unknown): void => {
      const reply = parseReply(value);
      if (isOver) {
        onLate(reply);
      } else {
        end(reply);
      }
    };
    signal.addEventListener('abort', callOff);
    const atLimit = alarm.set(clock.monotonicMs() + limitMs, () => end({ kind: 'timeout' }));
    lookup(source, question, forSource.signal).then(take, () => end({ kind: 'failed', retry: true, reason: 'unreachable' }));
  });
}

/** A throw is a rejection, whatever kind of function `lookup` is. */
async function lookup(source: ReputationSource, question: Question, signal: AbortSignal): Promise<unknown> {
  return source.lookup(question, { signal });
}
