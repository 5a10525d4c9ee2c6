/**
 * A `ReputationSource` without a server: it answers from a table of entries, and can be told to be down, slow, behind,
 * partial or worse. For tests of whatever asks: the query client, the engine, a host's own wiring.
 */
import { compareBytes, equalBytes } from '../../base/bytes.js';
import { abortedError } from '../../base/errors.js';
import { hashPrefix, prefixBytes } from '../../base/fingerprint.js';
import type { Answer, AnswerRecord, Question } from '../../base/fingerprint.js';
import type { Clock } from '../../base/seams.js';
import type { HashEntry } from '../../pattern/hash-entry.js';
import type { ReputationSource, SourceAnswers } from '../../query/reputation-source.js';
import type { Reply } from '../../query/transport.js';

/** What a scripted source does with a question. */
export type SourceMode =
  | { readonly kind: 'up' }
  /** Fails at once. */
  | { readonly kind: 'down'; readonly retry?: boolean; readonly reason?: 'unreachable' | 'bad-answer' }
  /** Answers after this time on the clock that the source was given. */
  | { readonly kind: 'slow'; readonly delayMs: number }
  /** Never answers; ends when it is aborted. */
  | { readonly kind: 'hang' }
  /** Asks to be left alone. */
  | { readonly kind: 'wait'; readonly waitMs?: number }
  /** Answers only the first so many hashes of a question. */
  | { readonly kind: 'partial'; readonly answered: number }
  /** Throws, as no source should. */
  | { readonly kind: 'throw'; readonly error: unknown };

/** What a scripted source is made of; the defaults are a strong local prefix source that knows nothing. */
export interface ScriptedSourceOptions {
  readonly id?: string;
  readonly scope?: ReputationSource['scope'];
  readonly asks?: ReputationSource['asks'];
  readonly maxBatch?: number;
  readonly strength?: number;
  readonly entries?: readonly HashEntry[];
  /** Generation of its answers (1); an old one makes it a server that is behind. */
  readonly generation?: number;
  /** Life of its answers (300,000). */
  readonly ttlMs?: number;
  /** Needed for `slow`. */
  readonly clock?: Clock;
}

/** A source with its script and its record. */
export interface ScriptedSource extends ReputationSource {
  /** What it does from now on, until told otherwise. */
  mode: SourceMode;
  /** What it knows from now on. */
  entries: readonly HashEntry[];
  generation: number;
  /** Every question that was put to it, in order. */
  readonly questions: readonly Question[];
  /** Questions that are neither answered nor ended. */
  open(): number;
}

/** A source that follows its script. */
export function createScriptedSource(options: ScriptedSourceOptions = {}): ScriptedSource {
  const questions: Question[] = [];
  let open = 0;
  const source: ScriptedSource = {
    id: options.id ?? 'scripted',
    scope: options.scope ?? 'local',
    asks: options.asks ?? 'prefix',
    maxBatch: options.maxBatch ?? 1_000,
    strength: options.strength ?? 4,
    mode: { kind: 'up' },
    entries: options.entries ?? [],
    generation: options.generation ?? 1,
    questions,
    open: () => open,
    async lookup(question, { signal }) {
      questions.push({ ...question, hashes: question.hashes.map((hash) => hash.slice()) });
      open++;
      try {
        return await act(source, question, { signal, clock: options.clock, ttlMs: options.ttlMs ?? 300_000 });
      } finally {
        open--;
      }
    },
  };
  return source;
}

/** How a source is asked, and what it needs for its mode. */
interface Acting {
  readonly signal: AbortSignal;
  readonly clock: Clock | undefined;
  readonly ttlMs: number;
}

async function act(source: ScriptedSource, question: Question, acting: Acting): Promise<Reply<SourceAnswers>> {
  const { mode } = source;
  const hashes = mode.kind === 'partial' ? question.hashes.slice(0, mode.answered) : question.hashes;
  switch (mode.kind) {
    case 'down':
      return { kind: 'failed', retry: mode.retry ?? true, reason: mode.reason ?? 'unreachable' };
    case 'wait':
      return mode.waitMs === undefined ? { kind: 'wait' } : { kind: 'wait', waitMs: mode.waitMs };
    case 'throw':
      throw mode.error;
    case 'hang':
      return untilAborted(acting.signal);
    case 'slow':
      if (acting.clock === undefined) {
        throw new TypeError('createScriptedSource: the mode slow needs a clock');
      }
      await acting.clock.sleep(mode.delayMs, acting.signal);
      break;
    case 'up':
    case 'partial':
      break;
  }
  const answers = hashes.map((asked) =>
    answerFor(source.entries, { ...question, asked, ttlMs: acting.ttlMs, generation: source.generation }),
  );
  return { kind: 'answer', body: { answers } };
}

function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    const end = (): void => reject(abortedError(signal));
    if (signal.aborted) {
      end();
      return;
    }
    signal.addEventListener('abort', end, { once: true });
  });
}

/** All that the entries say about one prefix or full hash, as a server would say it: one record per hash and size. */
export function answerFor(
  entries: readonly HashEntry[],
  asked: Pick<Question, 'kind' | 'algorithm'> & Pick<Answer, 'asked' | 'ttlMs' | 'generation'>,
): Answer {
  const listed = entries.filter(
    (entry) => entry.kind === asked.kind && entry.algorithm === asked.algorithm && isUnder(entry.hash, asked.asked),
  );
  return {
    asked: asked.asked.slice(),
    records: mergeRecords(listed),
    ttlMs: asked.ttlMs,
    ...(asked.generation === undefined ? {} : { generation: asked.generation }),
  };
}

function isUnder(hash: Uint8Array, asked: Uint8Array): boolean {
  return asked.length === prefixBytes ? equalBytes(hashPrefix(hash), asked) : equalBytes(hash, asked);
}

function mergeRecords(entries: readonly HashEntry[]): AnswerRecord[] {
  const records: AnswerRecord[] = [];
  for (const entry of [...entries].sort((a, b) => compareBytes(a.hash, b.hash))) {
    const at = records.findIndex((one) => equalBytes(one.hash, entry.hash) && one.size === entry.size && one.disposition === entry.disposition);
    const same = records[at];
    const threats = entry.disposition === 'clean' ? [] : [entry.threat];
    if (same === undefined) {
      records.push({
        hash: entry.hash,
        disposition: entry.disposition,
        threats,
        ...(entry.score === undefined ? {} : { score: entry.score }),
        ...(entry.size === undefined ? {} : { size: entry.size }),
      });
    } else {
      records[at] = { ...same, threats: [...same.threats, ...threats] };
    }
  }
  return records;
}
