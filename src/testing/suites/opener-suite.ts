/** What every opener promises: a flagged subject is opened again under its locator, or said to be gone. */
import type { Signal } from '../../base/seams.js';
import type { Locator, Subject } from '../../base/subject.js';
import { assertEqual, assertTrue, fail, outcomeOf, show, within } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** Opens a subject again by its locator; undefined when the object is gone. */
export type Opener = (locator: Locator, options: Signal) => Promise<Subject | undefined>;

/** An opener with one object that it can open and one that it cannot. */
export interface OpenerFixture {
  readonly opener: Opener;
  readonly known: Locator;
  /** The bytes behind `known`; absent when it is a URL. */
  readonly content?: Uint8Array;
  /** Of the same scheme, but nothing is there. */
  readonly gone: Locator;
}

/** Options of `describeOpener`. */
export type OpenerSuiteOptions = SuiteOptions<OpenerFixture>;

/** Registers the conformance suite of an entry of `parts.openers`. */
export function describeOpener(runner: TestRunner, options: OpenerSuiteOptions): void {
  const maker = createPartMaker(options);
  registerSuite<OpenerFixture>(runner, {
    title: `Opener: ${options.name}`,
    tests,
    skip: options.skip,
    open: () => maker.make(),
    close: () => maker.disposeAll(),
  });
}

const tests: SuiteTests<OpenerFixture> = {
  'what is there is opened, under the same locator': async ({ opener, known }) => {
    const subject = await within('opener', 10_000, opener(known, {}));
    assertTrue('a subject', subject !== undefined);
    assertEqual('locator', subject.locator, known);
  },
  'it gives the bytes of the object, more than once': async ({ opener, known, content }) => {
    for (let round = 0; content !== undefined && round < 2; round++) {
      const subject = await within('opener', 10_000, opener(known, {}));
      assertEqual(`content, round ${round}`, await bytesOf(subject), content);
    }
  },
  'what is gone is said to be gone, at opening or at reading': async ({ opener, gone }) => {
    const outcome = await within('opener', 10_000, outcomeOf(() => opener(gone, {})));
    if (outcome.kind === 'resolved' && outcome.value === undefined) {
      return;
    }
    const error = outcome.kind === 'rejected' ? outcome.error : (await outcomeOf(() => bytesOf(outcome.value))).kind === 'rejected' ? 'rejected' : undefined;
    assertTrue(`expected undefined or an error, got ${show(outcome)}`, error !== undefined);
  },
  'a signal that has already fired ends it at once': async ({ opener, known }) => {
    await within('aborted opener', 2_000, outcomeOf(() => opener(known, { signal: AbortSignal.abort() })));
  },
};

async function bytesOf(subject: Subject | undefined): Promise<Uint8Array> {
  if (subject?.kind !== 'file') {
    return fail(`expected a file subject, got ${show(subject?.kind)}`);
  }
  const source = await subject.open({});
  try {
    const whole = new Uint8Array(1 << 20);
    let at = 0;
    for (let count = -1; count !== 0; at += count) {
      count = await source.read(at, whole.subarray(at), {});
    }
    return whole.slice(0, at);
  } finally {
    await source.close?.();
  }
}
