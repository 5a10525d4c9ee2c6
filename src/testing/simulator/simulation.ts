/**
 * A deterministic simulation on a virtual clock: servers that die, slow down, lie and throttle, and as many clients as
 * are wanted. All chance comes from one seed, each part with a stream of its own, so that the same seed gives the same
 * run byte for byte, and a further client changes nobody else's luck.
 */
import type { Random } from '../../base/seams.js';
import { createSeededRandom } from '../doubles/seeded-random.js';
import { createEventLog, type EventLog } from './event-log.js';
import { createSimulatedClock, type SimulatedClock } from './simulated-clock.js';
import { createSimulatedServer, type SimulatedServer, type SimulatedServerOptions } from './simulated-server.js';

/** A world that stands still until `runUntil`. */
export interface Simulation {
  readonly seed: number;
  readonly clock: SimulatedClock;
  readonly log: EventLog;
  /** The stream of chance of one part: the same name gives the same stream, from its beginning. */
  random(name: string): Random;
  server(options: SimulatedServerOptions): SimulatedServer;
  /** Writes a line into the log, with the instant before it. */
  note(line: string): void;
  /** Runs up to a monotonic instant. */
  runUntil(ms: number): Promise<void>;
}

/** What a simulation is begun with. */
export interface SimulationOptions {
  readonly seed: number;
  /** Wall clock at the beginning, epoch ms (1,700,000,000,000). */
  readonly startAt?: number | undefined;
  /** Turns of the event loop between two instants (1); whole engines need 4, and to have loaded their parts before. */
  readonly turns?: number | undefined;
  /** Lines of the log that are kept (0); the digest is over all of them. */
  readonly keepLines?: number | undefined;
}

/** A world without servers and clients. */
export function createSimulation({ seed, startAt, turns, keepLines = 0 }: SimulationOptions): Simulation {
  const clock = createSimulatedClock({ startAt, turns });
  const log = createEventLog(keepLines);
  const random = (name: string): Random => createSeededRandom(seedOf(`${seed} ${name}`));
  return {
    seed,
    clock,
    log,
    random,
    server: (options) => createSimulatedServer(options, { clock, random: random(`server ${options.id}`), note: log.note }),
    note: (line) => log.note(`${clock.monotonicMs().toFixed(3)} ${line}`),
    runUntil: (ms) => clock.runUntil(ms),
  };
}

function seedOf(text: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < text.length; at++) {
    hash = Math.imul(hash ^ text.charCodeAt(at), 0x01000193);
  }
  return hash;
}
