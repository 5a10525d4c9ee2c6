/**
 * A benchmark harness that compares parts of several vendors: each candidate is an engine that differs in one part, and
 * a candidate with a wrong answer is not timed.
 */
import { bytesSubject, createEngine } from 'vedette';
import type { CheckResult, Engine, Parts } from 'vedette';

/** One thing to compare: a name and the part that it brings. */
export interface Candidate {
  readonly name: string;
  readonly parts: Partial<Parts>;
}

/** A subject with the answer that must come out. */
export interface Case {
  readonly label: string;
  readonly bytes: Uint8Array;
  readonly threats: readonly string[];
}

/** What came of a candidate. */
export type Measured =
  | { readonly kind: 'timed'; readonly name: string; readonly bytesPerMs: number; readonly stats: Readonly<Record<string, number>> }
  | { readonly kind: 'wrong'; readonly name: string; readonly label: string; readonly found: readonly string[] };

/** Runs every candidate over all cases, `rounds` times; only local layers, so that no network is measured. */
export async function compare(candidates: readonly Candidate[], cases: readonly Case[], rounds: number): Promise<Measured[]> {
  const measured: Measured[] = [];
  for (const { name, parts } of candidates) {
    const engine = createEngine({ name, background: 'manual', parts });
    await engine.ready();
    measured.push((await firstWrong(engine, name, cases)) ?? (await timed(engine, { name, cases, rounds })));
    await engine.close();
  }
  return measured;
}

async function firstWrong(engine: Engine, name: string, cases: readonly Case[]): Promise<Measured | undefined> {
  const results = await checkCases(engine, cases);
  for (const [i, { label, threats }] of cases.entries()) {
    const found = results[i]?.verdict.threats.map((threat) => threat.name) ?? [];
    if (found.join() !== [...threats].sort().join()) {
      return { kind: 'wrong', name, label, found };
    }
  }
  return undefined;
}

async function timed(engine: Engine, run: { name: string; cases: readonly Case[]; rounds: number }): Promise<Measured> {
  const bytes = run.cases.reduce((sum, one) => sum + one.bytes.length, 0) * run.rounds;
  const start = performance.now();
  for (let round = 0; round < run.rounds; round++) {
    await checkCases(engine, run.cases);
  }
  return { kind: 'timed', name: run.name, bytesPerMs: bytes / (performance.now() - start), stats: engine.stats() };
}

function checkCases(engine: Engine, cases: readonly Case[]): Promise<CheckResult[]> {
  const subjects = cases.map(({ label, bytes }) => bytesSubject(bytes, { label }));
  return engine.checkMany(subjects, { layers: 'local', allMatches: true, apply: false, pending: false });
}
