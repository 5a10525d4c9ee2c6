/**
 * Step 4: puts questions to servers and tells everybody whom it concerns: the server list how the server did, the
 * host how long it took, the cache what was answered. Answers are handed on even when nobody waits for them any more.
 */
import { answersInOrder } from '../decide/answers-in-order.js';
import { exchange } from './exchange.js';
import type { Answer, Question } from '../../base/fingerprint.js';
import type { Clock } from '../../base/seams.js';
import type { Alarm } from './alarm.js';
import type { ExchangeEnd } from './exchange.js';
import type { ServerStatus } from '../query-client.js';
import type { SourceAnswers } from '../reputation-source.js';
import type { ServerEntry } from '../server-list.js';
import type { Reply } from '../transport.js';

/** Where answers came from and how strongly they are believed (DESIGN rule 5). */
export interface AnswerOrigin {
  readonly id: string;
  readonly strength: number;
}

/** What a query client tells its host. */
export type QueryEvent =
  | {
      readonly kind: 'query';
      readonly server: string;
      /** `late`: answered by a source that did not heed its signal. `called-off`: nobody waited any more. */
      readonly outcome: 'answered' | 'partial' | 'wait' | 'unreachable' | 'bad-answer' | 'timeout' | 'called-off' | 'late';
      readonly tookMs: number;
    }
  | { readonly kind: 'server'; readonly server: string; readonly state: ServerStatus['state'] };

/** What became of one question at one server. */
export type AskEnd =
  | { readonly kind: 'answer' | 'wait' | 'called-off' }
  | { readonly kind: 'failed'; readonly retry: boolean; readonly reason: 'unreachable' | 'bad-answer' };

/** Options of one question. */
export interface AskServerOptions {
  /** Calls the question off. */
  readonly signal: AbortSignal;
  /** Given each answer with the place of its hash in the question, late ones too. */
  readonly onAnswer: (index: number, answer: Answer) => void;
}

/** Puts questions to servers. */
export interface Asker {
  /** Never rejects; ends within the time that a server is given. */
  ask(entry: ServerEntry, question: Question, options: AskServerOptions): Promise<AskEnd>;
  /** Questions on the wire now. */
  inFlight(): number;
}

/** What an asker is made of. */
export interface AskerOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>;
  /** In the background. */
  readonly alarm: Alarm;
  readonly limitMs: number;
  readonly onAnswers: (question: Question, answers: readonly Answer[], origin: AnswerOrigin) => void;
  readonly onEvent: (event: QueryEvent) => void;
}

/** An asker over the hooks of the host; they must not throw. */
export function createAsker({ clock, alarm, limitMs, onAnswers, onEvent }: AskerOptions): Asker {
  let inFlight = 0;
  return {
    inFlight: () => inFlight,
    async ask(entry, question, { signal, onAnswer }) {
      const { source } = entry;
      const beganMs = clock.monotonicMs();
      const report = (outcome: (QueryEvent & { kind: 'query' })['outcome']): void =>
        onEvent({ kind: 'query', server: source.id, outcome, tookMs: clock.monotonicMs() - beganMs });
      const take = (body: SourceAnswers, isLate: boolean): void => {
        const all = answersInOrder(question, body.answers);
        report(isLate ? 'late' : all.includes(undefined) ? 'partial' : 'answered');
        const counts = (answer: Answer | undefined): answer is Answer =>
          answer !== undefined && (source.silence !== 'abstains' || answer.records.length > 0);
        const counted = all.filter(counts);
        if (counted.length > 0) {
          onAnswers(question, counted, { id: source.id, strength: body.strength ?? source.strength });
        }
        all.forEach((answer, index) => {
          if (counts(answer)) {
            onAnswer(index, answer);
          }
        });
      };
      const onLate = (late: Reply<SourceAnswers>): void => {
        if (late.kind === 'wait') {
          note(entry, late);
        } else if (late.kind === 'answer') {
          take(late.body, true);
        }
      };
      inFlight++;
      const end = await exchange({ source, question, clock, alarm, limitMs, signal, onLate });
      inFlight--;
      note(entry, end);
      if (end.kind === 'answer') {
        take(end.body, false);
      } else {
        report(end.kind === 'failed' ? (end.reason ?? 'unreachable') : end.kind);
      }
      return askEnd(end);
    },
  };
}

/** What the end of an exchange says about the server; being called off says nothing. */
function note(entry: ServerEntry, end: ExchangeEnd): void {
  switch (end.kind) {
    case 'answer':
      return entry.note({ kind: 'success' });
    case 'wait':
      return entry.note({ kind: 'wait', waitMs: end.waitMs });
    case 'failed':
    case 'timeout':
      return entry.note({ kind: 'attempt-failed' });
    case 'called-off':
      return;
  }
}

function askEnd(end: ExchangeEnd): AskEnd {
  switch (end.kind) {
    case 'failed':
      return { kind: 'failed', retry: end.retry, reason: end.reason ?? 'unreachable' };
    case 'timeout':
      return { kind: 'failed', retry: true, reason: 'unreachable' };
    default:
      return { kind: end.kind };
  }
}
