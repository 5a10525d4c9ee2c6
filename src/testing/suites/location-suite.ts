/** What every `LocationProbe` promises: an answer of the closed set with its evidence, or an error; never a hang. */
import type { LocationProbe } from '../../location/location-probe.js';
import { assertEqual, assertTrue, outcomeOf, show, within } from '../assertions.js';
import { createPartMaker, registerSuite } from '../runner.js';
import type { PartMaker, SuiteOptions, SuiteTests, TestRunner } from '../runner.js';

/** Options of `describeLocationProbe`. */
export type LocationSuiteOptions = SuiteOptions<LocationProbe>;

type Fixture = PartMaker<LocationProbe, void>;

/** Registers the conformance suite of the location probe. */
export function describeLocationProbe(runner: TestRunner, options: LocationSuiteOptions): void {
  registerSuite<Fixture>(runner, {
    title: `LocationProbe: ${options.name}`,
    tests,
    skip: options.skip,
    open: () => createPartMaker(options),
    close: (fixture) => fixture.disposeAll(),
  });
}

const tests: SuiteTests<Fixture> = {
  'it says internal or external and by what it knows': async ({ make }) => {
    const probe = await make();
    const found = await within('locate', 5_000, probe.locate({}));
    assertTrue(`location: expected internal or external, got ${show(found)}`, found.location === 'internal' || found.location === 'external');
    assertTrue('by: expected a text that is not empty', typeof found.by === 'string' && found.by.length > 0);
  },
  'it says how far that may be believed, in a word that engines know': async ({ make }) => {
    const probe = await make();
    const { proof } = await within('locate', 5_000, probe.locate({}));
    assertTrue(`proof: expected challenge, hint or nothing, got ${show(proof)}`, proof === undefined || proof === 'challenge' || proof === 'hint');
  },
  'on an unchanged network it says the same again': async ({ make }) => {
    const probe = await make();
    const first = await within('locate', 5_000, probe.locate({}));
    const second = await within('locate', 5_000, probe.locate({}));
    assertEqual('second answer', second.location, first.location);
  },
  'calls that overlap all get their answer': async ({ make }) => {
    const probe = await make();
    const all = await within('locate', 5_000, Promise.all([probe.locate({}), probe.locate({}), probe.locate({})]));
    assertEqual('answers', new Set(all.map((one) => one.location)).size, 1);
  },
  'a signal that has already fired ends it at once': async ({ make }) => {
    const probe = await make();
    await within('aborted locate', 1_000, outcomeOf(() => probe.locate({ signal: AbortSignal.abort() })));
  },
  'an abort ends it at once, and the next call works': async ({ make }) => {
    const probe = await make();
    const controller = new AbortController();
    const pending = outcomeOf(() => probe.locate({ signal: controller.signal }));
    controller.abort();
    await within('aborted locate', 1_000, pending);
    const after = await within('locate', 5_000, probe.locate({}));
    assertTrue('an answer after the abort', after.location === 'internal' || after.location === 'external');
  },
};
