/** A record of the server bench. */
import type { Machine } from '../report/machine.js';
import type { Latency } from './load.js';

/** What was measured of one server. */
export interface ServerFigures {
  readonly records: number;
  /** `vedette import` as a whole process: signature and digests checked, table written and flushed. */
  readonly importMs: number;
  /** Resident at most, of that process. */
  readonly importPeakBytes: number;
  readonly bytesPerRecord: number;
  /** From the start of `vedette serve --data` to the first answer to 100 prefixes. */
  readonly firstAnswerMs: number;
  /** Private memory after the load, of each process. */
  readonly memoryBytes: readonly number[];
  /** Prefixes a second, 100 a request and as many requests at once as the client has connections. */
  readonly fullRate: number;
  /** At 150,000 prefixes a second, or half of `fullRate` where that is less, with nothing else going on. */
  readonly quiet: Latency;
  /** At the same rate, from the start of a delta until two seconds after its generation was answered with. */
  readonly switching: Latency;
  /** In that time, until the new table was made current. */
  readonly merging: Latency;
  /** From then on. */
  readonly switched: Latency;
  readonly deltaMs: number;
  readonly deltaPeakBytes: number;
  /** Most bytes in the store's directory while the delta was applied, times those before. */
  readonly diskDuringDelta: number;
  /** Look-ups of the store alone for each second of CPU time. */
  readonly store: { readonly hits: number; readonly misses: number };
}

/** One run. */
export interface ServerRecord {
  readonly record: 'server-1';
  /** ISO 8601. */
  readonly at: string;
  readonly commit: string;
  readonly note?: string;
  readonly machine: Machine;
  readonly versions: Readonly<Record<string, string>>;
  readonly figures: ServerFigures;
}
