/**
 * How a conformance suite is written down and handed to a test runner. No runner is imported: the two functions come
 * in as arguments, so the same suite runs under vitest, node:test, mocha, Deno (`@std/testing/bdd`) and `collect`.
 *
 * A suite is a table from a sentence of behaviour to a test of one fresh implementation.
 */

/** Registers one test; `skip`, where the runner has it, registers one that is not run. */
export interface TestFunction {
  (name: string, run: () => Promise<void>): unknown;
  skip?(name: string, run: () => Promise<void>): unknown;
}

/** The two functions that a suite needs of a runner. */
export interface TestRunner {
  describe(name: string, define: () => void): unknown;
  readonly it: TestFunction;
}

/** What every suite is told: the name in the report, how the part is made and put away, and which tests do not apply. */
export interface SuiteOptions<Part, Context = void> {
  readonly name: string;
  /** Called once per test: every test has a part of its own. */
  create(context: Context): Part | Promise<Part>;
  /** Called once for every part that was created, after its test, passed or not. */
  dispose?(part: Part): void | Promise<void>;
  /** Names of tests that do not apply to this part, each with the reason; an unknown name is an error. */
  readonly skip?: Readonly<Record<string, string>>;
}

/** A suite: sentences of behaviour and how each is tested. `make` creates a part with other context than the usual one. */
export type SuiteTests<Fixture> = Readonly<Record<string, (fixture: Fixture) => void | Promise<void>>>;

/**
 * Registers a suite: one `it` per entry, each with a fixture of its own that is put away afterwards.
 * @throws TypeError when `skip` names a test that the suite does not have, or gives no reason.
 */
export function registerSuite<Fixture>(
  runner: TestRunner,
  suite: {
    readonly title: string;
    readonly tests: SuiteTests<Fixture>;
    readonly skip: Readonly<Record<string, string>> | undefined;
    open(): Fixture | Promise<Fixture>;
    close(fixture: Fixture): void | Promise<void>;
  },
): void {
  const skip = checkedSkips(suite.title, suite.tests, suite.skip ?? {});
  runner.describe(suite.title, () => {
    for (const [name, test] of Object.entries(suite.tests)) {
      const reason = skip.get(name);
      if (reason !== undefined) {
        registerSkipped(runner.it, `${name} (skipped: ${reason})`);
        continue;
      }
      runner.it(name, async () => {
        const fixture = await suite.open();
        try {
          await test(fixture);
        } finally {
          await suite.close(fixture);
        }
      });
    }
  });
}

function checkedSkips(title: string, tests: SuiteTests<never>, skip: Readonly<Record<string, string>>): Map<string, string> {
  for (const [name, reason] of Object.entries(skip)) {
    if (!Object.hasOwn(tests, name)) {
      throw new TypeError(`${title}: skip names no test of the suite: ${name}`);
    }
    if (reason.trim() === '') {
      throw new TypeError(`${title}: skip of "${name}" gives no reason`);
    }
  }
  return new Map(Object.entries(skip));
}

function registerSkipped(it: TestFunction, name: string): void {
  const nothing = (): Promise<void> => Promise.resolve();
  if (it.skip !== undefined) {
    it.skip(name, nothing);
    return;
  }
  it(name, nothing);
}

/** Parts made by `create` during one test, and their common end: fixtures of suites that make more than one. */
export interface PartMaker<Part, Context> {
  readonly make: (context: Context) => Promise<Part>;
  /** From now on `after` is put away in the place of `before`: what reopens a part has already ended the first. */
  readonly replace: (before: Part, after: Part) => void;
  readonly disposeAll: () => Promise<void>;
}

/** Remembers what it made, so that all of it is put away even when the test fails half way. */
export function createPartMaker<Part, Context>(options: Pick<SuiteOptions<Part, Context>, 'create' | 'dispose'>): PartMaker<Part, Context> {
  const made: Part[] = [];
  return {
    async make(context) {
      const part = await options.create(context);
      made.push(part);
      return part;
    },
    replace(before, after) {
      made.splice(made.indexOf(before), 1, after);
    },
    async disposeAll() {
      for (const part of made.splice(0).reverse()) {
        await options.dispose?.(part);
      }
    },
  };
}
