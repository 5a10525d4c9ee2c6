/**
 * A stream of subjects, so many of them at a time. What is done is given while the source still makes up its mind; when
 * the consumer goes away, what is still being checked for him is given up.
 *
 * Files that come in batches are judged where they stand as far as the engine knows them by sight, or can read them on the
 * spot and clear them; the others among them are checked one by one like everything else.
 */
import { assertInteger } from '../../base/assert.js';
import type { CheckResult } from '../../base/check-result.js';
import { abortedError, describeError, throwIfAborted } from '../../base/errors.js';
import { comesInBatches, inBatches, type FoundFile } from '../../base/found-files.js';
import type { Subject } from '../../base/subject.js';
import type { CheckOptions } from '../checker.js';
import { askOf, checkOne, type CheckBy } from './check.js';
import { flattened } from './flattened.js';
import { createLine } from './line.js';
import type { QuickCheck } from './quick-check.js';
import type { Received } from '../story/story.js';

/** How a stream is checked. */
export type CheckAllOptions = CheckOptions & { readonly concurrency?: number | undefined; readonly ordered?: boolean | undefined };

/** Results as they come, or in the order of the subjects. Nothing begins before the first is asked for. */
export function checkAll(by: CheckBy, subjects: Iterable<Subject> | AsyncIterable<Subject>, options: CheckAllOptions): AsyncGenerator<CheckResult, void, undefined> {
  return flattened(portions(by, subjects, options), () => options.signal?.aborted === true || by.core.closing.aborted);
}

/** What is to be checked next: one subject, or files of which many may be known. */
type Portion = { readonly kind: 'one'; readonly subject: Subject } | { readonly kind: 'batch'; readonly files: readonly FoundFile[] };

/** Where subjects come from. */
interface Supply {
  state: 'idle' | 'pulling' | 'ended';
  /** Taken from the source, and not begun. */
  files: readonly FoundFile[];
  at: number;
}

async function* portions(
  by: CheckBy,
  subjects: Iterable<Subject> | AsyncIterable<Subject>,
  options: CheckAllOptions,
): AsyncGenerator<readonly CheckResult[], void, undefined> {
  const most = options.concurrency ?? 16;
  assertInteger('concurrency', most, { min: 1 });
  const ask = askOf(by.core);
  const quick = comesInBatches(subjects) ? await loadQuickCheck(by, options) : undefined;
  const over = new AbortController();
  const source = sourceOf(subjects, { quick, by, signal: over.signal });
  const leaving = [options.signal, by.core.closing].map((ending) => by.core.fanOut.follow(ending, () => over.abort(abortedError(ending))));
  const line = createLine(options.ordered === true);
  by.core.fanOut.follow(over.signal, () => line.ring());
  const supply: Supply = { state: 'idle', files: [], at: 0 };

  const begin = (subject: Subject, received?: Received): void =>
    line.add(checkOne(by, subject, { options: { ...options, signal: over.signal }, ask, received }));

  const pull = async (): Promise<void> => {
    supply.state = 'pulling';
    try {
      const next = await source.next();
      supply.state = next.done === true ? 'ended' : 'idle';
      if (next.done !== true && !over.signal.aborted) {
        take(next.value);
      }
    } catch (error) {
      supply.state = 'ended';
      line.add(Promise.reject(error instanceof Error ? error : new Error(describeError(error))));
    }
    line.ring();
  };

  function take(portion: Portion): void {
    if (portion.kind === 'one') {
      begin(portion.subject);
      return;
    }
    supply.files = portion.files;
    supply.at = 0;
  }

  /** Goes on in the batch as far as there is room; what is known by sight takes none. */
  function advance(): CheckResult[] {
    const done: CheckResult[] = [];
    while (supply.at < supply.files.length && line.size() < most) {
      // In order, what is known by sight waits behind what is not.
      const judged = options.ordered === true && line.size() > 0 ? undefined : quick?.judge(supply.files, supply.at);
      done.push(...(judged?.results ?? []));
      supply.at += judged?.results.length ?? 0;
      const next = supply.files[supply.at];
      if (next !== undefined) {
        supply.at++;
        begin(next.subject(), judged?.received);
      }
      if (done.length > 0) {
        break;
      }
    }
    return done;
  }

  try {
    for (;;) {
      throwIfAborted(over.signal);
      for (let done = line.take(); done !== undefined; done = line.take()) {
        yield [await done];
        throwIfAborted(over.signal);
      }
      const known = advance();
      if (known.length > 0) {
        yield known;
        continue;
      }
      const isEmpty = supply.at === supply.files.length;
      if (isEmpty && supply.state === 'ended' && line.size() === 0) {
        return;
      }
      if (isEmpty && supply.state === 'idle' && line.size() < most) {
        void pull();
      }
      await line.rung();
    }
  } finally {
    leaving.forEach((leave) => leave());
    over.abort();
    // A source that is still busy with its next subject is not waited for.
    const returned = Promise.resolve(supply.state === 'ended' ? undefined : source.return?.()).catch(() => undefined);
    await (supply.state === 'pulling' ? undefined : returned);
  }
}

/** Loaded by hosts whose files come in batches: those of Node, so far. */
async function loadQuickCheck(by: CheckBy, options: CheckOptions): Promise<QuickCheck | undefined> {
  const { createQuickCheck } = await import('./quick-check.js');
  return createQuickCheck(by, options);
}

interface Source {
  next(): Promise<IteratorResult<Portion, unknown>>;
  return?(): unknown;
}

function sourceOf(
  subjects: Iterable<Subject> | AsyncIterable<Subject>,
  how: { readonly quick: QuickCheck | undefined; readonly by: CheckBy; readonly signal: AbortSignal },
): Source {
  const { quick } = how;
  if (quick !== undefined && comesInBatches(subjects)) {
    return batchesOf(subjects[inBatches]({ signal: how.signal, glances: quick.glances }), quick, how.by);
  }
  const source = Symbol.asyncIterator in subjects ? subjects[Symbol.asyncIterator]() : subjects[Symbol.iterator]();
  return {
    async next() {
      const next = await source.next();
      return next.done === true ? next : { done: false, value: { kind: 'one', subject: next.value } };
    },
    return: () => source.return?.(),
  };
}

/** The patterns have to be there before anything can be known, and what is kept has to be fetched. */
function batchesOf(batches: AsyncGenerator<readonly FoundFile[], void, undefined>, quick: QuickCheck, { core }: CheckBy): Source {
  return {
    async next() {
      await core.settledReady();
      const next = await batches.next();
      if (next.done === true) {
        return next;
      }
      await quick.load(next.value);
      return { done: false, value: { kind: 'batch', files: next.value } };
    },
    return: () => batches.return(),
  };
}
