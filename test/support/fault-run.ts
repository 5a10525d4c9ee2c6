/**
 * One line of the fault table: an engine before a fault, by check, checkAll and drain. Every result that is not what the
 * rules demand comes back as a sentence, and every call is held against a plain timer of the same length that ran
 * beside it: on a busy machine both are late, and only what is later than the timer counts.
 */
import type { CheckResult } from '../../src/base/check-result.js';
import type { Engine } from '../../src/engine/checker.js';
import type { Transport } from '../../src/query/transport.js';
import { cases, holdMs, localCases, type Case, type FaultWorld } from './fault-world.js';

/** What a run found. */
export interface RunReport {
  /** What is against the rules. */
  readonly broken: string[];
  /** By how much each call passed its deadline beyond the timer beside it (ms; below 0: it was in time). */
  readonly late: number[];
  /** Of all its results. */
  readonly reasons: Set<string>;
  readonly results: number;
}

/** A line of the table. */
export interface RunOptions {
  readonly world: Pick<FaultWorld, 'engine'>;
  readonly address: string;
  readonly transport: Transport;
  readonly leaves?: 'truth' | 'find' | undefined;
  /** Reasons that `unknown` may have. */
  readonly reasons: readonly string[];
}

/** Deadlines of the calls that have one (ms), shorter than the hold. */
const shortMs = 250;

/**
 * Loads the engine and gives what runs the line: loading takes the processor for longer than some of the deadlines, and
 * must not happen beside the calls of other lines.
 */
export async function prepareRun(options: RunOptions): Promise<() => Promise<RunReport>> {
  const engine = options.world.engine(options.address, options.transport);
  await engine.ready();
  return () => run(engine, options);
}

async function run(engine: Engine, options: RunOptions): Promise<RunReport> {
  const report: RunReport & { results: number } = { broken: [], late: [], reasons: new Set(), results: 0 };
  const judge = (how: string, one: Case, result: CheckResult): void => {
    report.results++;
    report.reasons.add(result.verdict.reason ?? '');
    report.broken.push(...faultsOf(result, one, options).map((what) => `${how}, ${one.name}: ${what}`));
  };
  await byCheck(engine, report.late, judge);
  engine.networkChanged();
  await byCheckAll(engine, report.late, judge);
  engine.networkChanged();
  await byDrain(engine, report, judge);
  for (const one of localCases) {
    const { disposition } = (await engine.check(one.subject)).verdict;
    if (disposition !== one.truth) {
      report.broken.push(`${one.name}: ${disposition}`);
    }
  }
  await engine.close();
  return report;
}

type Judge = (how: string, one: Case, result: CheckResult) => void;

/** Half of them with a deadline, half with the hold alone. */
async function byCheck(engine: Engine, late: number[], judge: Judge): Promise<void> {
  await Promise.all(
    cases.map(async (one, i) => {
      const deadlineMs = i % 2 === 0 ? shortMs : undefined;
      const result = await timed(deadlineMs ?? holdMs, late, () => engine.check(one.subject, { deadlineMs }));
      judge('check', one, result);
    }),
  );
}

async function byCheckAll(engine: Engine, late: number[], judge: Judge): Promise<void> {
  const collect = async (): Promise<void> => {
    let at = 0;
    for await (const result of engine.checkAll(cases.map((one) => one.subject), { ordered: true })) {
      judge('checkAll', cases[at++]!, result);
    }
  };
  await timed(holdMs, late, collect);
}

/** What nobody could tell stays flagged. An entry may have several items, and a result for each. */
async function byDrain(engine: Engine, report: RunReport, judge: Judge): Promise<void> {
  const flagged = await entriesOf(engine);
  const open = new Set<Case>();
  let isAnySettled = false;
  const drain = async (): Promise<void> => {
    for await (const result of engine.pending.drain()) {
      const one = cases.find(({ sha256 }) => sha256 === result.sha256);
      if (one === undefined) {
        report.broken.push('drain: a result about something else');
      } else {
        judge('drain', one, result);
        open[result.verdict.disposition === 'unknown' ? 'add' : 'delete'](one);
        isAnySettled ||= result.verdict.disposition !== 'unknown';
      }
    }
  };
  // One at a time for each of the entries, at worst.
  await timed(holdMs * Math.max(1, flagged), report.late, drain);
  const left = await entriesOf(engine);
  if (left < open.size || (!isAnySettled && left !== flagged)) {
    report.broken.push(`drain: ${flagged} were flagged, ${open.size} are not settled, ${left} are left`);
  }
}

/** Those that were set aside do not count: nothing may set them aside here. */
async function entriesOf(engine: Engine): Promise<number> {
  const { due, waiting = 0, claimed } = await engine.pending.counts();
  return due + waiting + claimed;
}

/** What rule 2 says against a result. */
function faultsOf({ verdict, pending, decision }: CheckResult, one: Case, options: RunOptions): string[] {
  const { disposition, reason, threats } = verdict;
  if (disposition !== 'unknown') {
    const isLeft = disposition === one.truth && (options.leaves === 'truth' || (options.leaves === 'find' && disposition === 'malicious'));
    return isLeft ? [] : [`${disposition} by ${verdict.source}`];
  }
  return [
    ...(threats.length === 0 ? [] : ['unknown with threats']),
    ...(options.reasons.includes(reason ?? '') ? [] : [`unknown: ${reason}`]),
    ...(pending.kind === 'queued' ? [] : [`not flagged: ${pending.kind}`]),
    ...(decision.access === 'allow' && decision.remedy === 'none' ? [] : [`${decision.access} and ${decision.remedy}`]),
  ];
}

/** Runs the call and a timer of its length side by side. */
export async function timed<T>(limitMs: number, late: number[], call: () => Promise<T>): Promise<T> {
  const began = performance.now();
  const timer = new Promise<number>((resolve) => {
    setTimeout(() => resolve(performance.now() - began), limitMs);
  });
  const result = await call();
  const took = performance.now() - began;
  late.push(took - (took <= limitMs ? limitMs : Math.max(limitMs, await timer)));
  return result;
}
