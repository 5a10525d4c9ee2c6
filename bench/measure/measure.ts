/**
 * Measures the engines of a definition, in turns:
 *
 *   1 set-up     every engine builds its tables
 *   2 amounts    each is tried on growing parts of the input, and every answer checked, until a pass is long enough
 *   3 rounds     A B C, B C A, …: whatever slows the machine for a while slows them all; ratios are taken per round
 *
 * Numbers are compared with the baseline of the same rounds and mean little without it.
 */
import type { BenchContext, Definition, Engine } from '../definition.js';
import type { Contestant, PassTime } from './contestant.js';
import { enter } from './contestant.js';
import type { Plan } from './plan.js';
import type { DefinitionResult, EngineResult } from './result.js';
import { ratiosOf, spreadOf } from './spread.js';

/** What `measure` is given beside the definition. */
export interface MeasureOptions<Input> {
  readonly engines: readonly Engine<Input>[];
  readonly context: BenchContext;
  readonly plan: Plan;
}

/** An engine that was found right, and on how much of the input it is measured. */
interface Runner {
  readonly contestant: Contestant;
  readonly amount: number;
  readonly rounds: number;
  /** Units per second, round by round. */
  readonly rates: number[];
}

/** Runs a definition. @throws Error when its input cannot be made. */
export async function measure<Input>(definition: Definition<Input>, options: MeasureOptions<Input>): Promise<DefinitionResult> {
  const { context, plan } = options;
  const input = await definition.prepare(context);
  const contestants: Contestant[] = [];
  try {
    for (const engine of options.engines) {
      contestants.push(await enter(engine, { definition, input, context }));
    }
    const runners = await chooseAmounts(contestants, definition.amounts(input), plan);
    await runRounds(runners, definition, plan);
    const keys = definition.keys?.(input);
    return {
      name: definition.name,
      title: definition.title(input),
      unit: definition.unit,
      clock: definition.clock,
      baseline: definition.baseline,
      ...(keys === undefined ? {} : { keys }),
      engines: results(contestants, { runners, baseline: definition.baseline }),
    };
  } finally {
    for (const contestant of contestants) {
      await contestant.close();
    }
    await definition.dispose?.(input);
  }
}

async function chooseAmounts(
  contestants: readonly Contestant[],
  amounts: { readonly probe: number; readonly steps: readonly number[] },
  plan: Plan,
): Promise<Runner[]> {
  const runners: Runner[] = [];
  for (const contestant of contestants) {
    const chosen = await chooseAmount(contestant, amounts, plan);
    if (chosen !== undefined) {
      const rounds = chosen.wallMs > 3 * plan.passMs ? plan.slowRounds : plan.rounds;
      runners.push({ contestant, amount: chosen.amount, rounds, rates: [] });
    }
  }
  return runners;
}

/** The largest step that takes no longer than a pass may; undefined when the engine is out. */
async function chooseAmount(
  contestant: Contestant,
  { probe, steps }: { readonly probe: number; readonly steps: readonly number[] },
  plan: Plan,
): Promise<{ readonly amount: number; readonly wallMs: number } | undefined> {
  let done = { amount: probe, wallMs: await wallOf(contestant, probe) };
  for (const [i, amount] of steps.entries()) {
    const estimateMs = (done.wallMs / done.amount) * amount;
    if (i === 0 && estimateMs > plan.patienceMs) {
      contestant.drop(`too slow: the smallest pass (${amount}) would take ${Math.round(estimateMs / 1_000)} s`);
    }
    if (contestant.out !== undefined || (i > 0 && estimateMs > plan.passMs)) {
      break;
    }
    done = { amount, wallMs: await wallOf(contestant, amount) };
  }
  return contestant.out === undefined ? done : undefined;
}

async function wallOf(contestant: Contestant, amount: number): Promise<number> {
  return (await contestant.pass(amount))?.wallMs ?? 0;
}

/** One round more than planned: the first one warms up and is not counted. */
async function runRounds<Input>(runners: readonly Runner[], definition: Definition<Input>, plan: Plan): Promise<void> {
  for (let round = -1; round < plan.rounds; round++) {
    for (const runner of rotated(runners, Math.max(0, round))) {
      const isSlow = runner.rounds < plan.rounds;
      if (round < 0 ? isSlow : round >= runner.rounds) {
        continue;
      }
      const seconds = await roundOf(runner, { clock: definition.clock, roundMs: plan.roundMs });
      if (seconds !== undefined && round >= 0) {
        runner.rates.push(runner.amount / definition.unit.per / seconds);
      }
    }
  }
}

/** Seconds of one pass, over as many passes as fill the round; undefined when the engine is out. */
async function roundOf(
  { contestant, amount }: Runner,
  { clock, roundMs }: { readonly clock: 'cpu' | 'wall'; readonly roundMs: number },
): Promise<number | undefined> {
  globalThis.gc?.();
  const times: PassTime[] = [];
  for (let wallMs = 0; times.length === 0 || wallMs < roundMs; ) {
    const time = await contestant.pass(amount);
    if (time === undefined) {
      return undefined;
    }
    times.push(time);
    wallMs += time.wallMs;
  }
  const totalMs = times.reduce((sum, time) => sum + (clock === 'cpu' ? time.cpuMs : time.wallMs), 0);
  // A clock that did not move would make a rate without end.
  return Math.max(totalMs, 0.001) / times.length / 1_000;
}

function rotated<T>(all: readonly T[], by: number): T[] {
  const from = all.length === 0 ? 0 : by % all.length;
  return [...all.slice(from), ...all.slice(0, from)];
}

function results(
  contestants: readonly Contestant[],
  { runners, baseline }: { readonly runners: readonly Runner[]; readonly baseline: string },
): EngineResult[] {
  const ratesOf = (name: string): readonly number[] => {
    const runner = runners.find(({ contestant }) => contestant.name === name && contestant.out === undefined);
    return runner?.rates ?? [];
  };
  return contestants.map((contestant): EngineResult => {
    const version = contestant.version === undefined ? {} : { version: contestant.version };
    const runner = runners.find((one) => one.contestant === contestant);
    if (contestant.out !== undefined || runner === undefined) {
      return { ...version, ...(contestant.out ?? { engine: contestant.name, kind: 'failed', reason: 'never ran' }) };
    }
    const ratios = ratiosOf(runner.rates, ratesOf(baseline));
    return {
      engine: contestant.name,
      ...version,
      kind: 'measured',
      perSecond: spreadOf(runner.rates),
      ...(ratios.length === 0 ? {} : { ratio: spreadOf(ratios) }),
      amount: runner.amount,
      rounds: runner.rates.length,
      setUpMs: contestant.setUpMs,
      memoryBytes: contestant.memoryBytes,
    };
  });
}
