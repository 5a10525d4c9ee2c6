/** Counts what the clients of a simulation were told. */
import type { AskOutcome } from '../../query/query-client.js';
import type { SimulatedServer } from './simulated-server.js';
import type { Simulation } from './simulation.js';

/** How a simulation went. */
export interface TrafficReport {
  readonly seed: number;
  /** Questions of callers. */
  readonly asked: number;
  readonly answered: number;
  readonly unanswered: Readonly<Record<'unreachable' | 'throttled' | 'bad-answer' | 'server-behind', number>>;
  /** Answers that contradict what the servers know. */
  readonly wrong: number;
  /** Callers who were told nothing, and exchanges that never ended. */
  readonly lost: number;
  /** How long callers waited who got an answer. */
  readonly latencyMs: { readonly p50: number; readonly p95: number; readonly p99: number; readonly max: number };
  /** Requests that reached each server, by seconds. */
  readonly servers: readonly { readonly id: string; readonly requests: number; readonly perSecond: readonly number[] }[];
  /** Of everything that happened, in order (`EventLog`). */
  readonly digest: string;
  readonly lines: readonly string[];
}

/** A count that begins. */
export interface Tally {
  asked(): void;
  told(outcome: AskOutcome, how: { readonly tookMs: number; readonly isTrue: boolean }): void;
  report(end: { readonly simulation: Simulation; readonly servers: readonly SimulatedServer[]; readonly inFlight: number }): TrafficReport;
}

/** Nothing counted yet. */
export function createTally(): Tally {
  const unanswered = { unreachable: 0, throttled: 0, 'bad-answer': 0, 'server-behind': 0 };
  const tookMs: number[] = [];
  let [asked, told, wrong] = [0, 0, 0];
  return {
    asked: () => void asked++,
    told(outcome, how) {
      told++;
      wrong += how.isTrue ? 0 : 1;
      if (outcome.kind === 'answered') {
        tookMs.push(how.tookMs);
      } else {
        unanswered[outcome.reason]++;
      }
    },
    report: ({ simulation, servers, inFlight }) => ({
      seed: simulation.seed,
      asked,
      answered: tookMs.length,
      unanswered: { ...unanswered },
      wrong,
      lost: asked - told + inFlight,
      latencyMs: quantiles(tookMs),
      servers: servers.map((server) => ({ id: server.id, requests: server.requests(), perSecond: [...server.perSecond] })),
      digest: simulation.log.digest(),
      lines: simulation.log.lines,
    }),
  };
}

function quantiles(values: readonly number[]): TrafficReport['latencyMs'] {
  const sorted = [...values].sort((a, b) => a - b);
  const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
  return { p50: at(0.5), p95: at(0.95), p99: at(0.99), max: at(1) };
}
