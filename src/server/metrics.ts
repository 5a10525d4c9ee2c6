/**
 * What a server counts about itself: plain numbers that several processes can add up, and their text for Prometheus
 * (exposition format 0.0.4). Nothing of a question is kept: agents are counted by a sketch of their addresses, threats by
 * name, both in bounded memory.
 */
import type { AnswerRecord } from '../base/fingerprint.js';
import { mergeSketches, sketchedCount, sketchInto, sketchRegisters } from './distinct-sketch.js';
import { writesStatements, type StatementWriter } from './encoded/statement-writer.js';
import type { ReputationStore } from './reputation-store.js';

/** Counters of one process, as a message to another. */
export interface ServerCounts {
  /** Requests by status. */
  readonly responses: Readonly<Record<string, number>>;
  /** Requests turned away by a rate limit. */
  readonly limited: number;
  /** Connections open now. */
  readonly connections: number;
  /** Prefixes asked. */
  readonly questions: number;
  /** Prefixes under which something is listed. */
  readonly hits: number;
  /** By the name of the first threat; beyond 1,000 names, `other`. */
  readonly threats: Readonly<Record<string, number>>;
  /** Registers of the sketch of addresses, 0 to 33 each. */
  readonly agents: readonly number[];
}

/** What a server says besides its counters. */
export interface ServerState {
  readonly generation: number;
  readonly entries: number | undefined;
  /** Epoch ms; undefined where the store does not say. */
  readonly createdAt: number | undefined;
  /** Epoch ms. */
  readonly now: number;
  readonly processes: number;
}

/** Counts for one process. */
export interface ServerMetrics {
  response(status: number): void;
  limited(): void;
  connection(change: 1 | -1): void;
  /** `hash` is 32 bits of a keyed digest of the agent's address. */
  agent(hash: number): void;
  found(lists: readonly (readonly AnswerRecord[])[]): void;
  /** The same of statements that were written without records. */
  written(questions: number, hits: number, threats: readonly string[]): void;
  counts(): ServerCounts;
}

const maxThreats = 1000;

/** Counters at zero. */
export function createServerMetrics(): ServerMetrics {
  const responses = new Map<number, number>();
  const threats = new ThreatTally();
  const agents = new Uint8Array(sketchRegisters);
  let [limited, connections, questions, hits] = [0, 0, 0, 0];
  const count = (threat: string | undefined): void => {
    if (threat !== undefined) {
      threats.add(threat);
    }
  };
  return {
    response: (status) => void responses.set(status, (responses.get(status) ?? 0) + 1),
    limited: () => void limited++,
    connection: (change) => void (connections += change),
    agent: (hash) => sketchInto(agents, hash),
    found(lists) {
      questions += lists.length;
      for (const records of lists) {
        if (records.length > 0) {
          hits++;
          count(records[0]!.threats[0]?.name);
        }
      }
    },
    written(asked, found, names) {
      questions += asked;
      hits += found;
      for (const threat of names) {
        threats.add(threat);
      }
    },
    counts: () => ({
      responses: Object.fromEntries(responses),
      limited,
      connections,
      questions,
      hits,
      threats: threats.counts(),
      agents: [...agents],
    }),
  };
}

/** Counted in place: for each hit one look into the map. */
interface Tally {
  count: number;
}

/** By name; beyond 1,000 of them under `other`. */
class ThreatTally {
  readonly #tallies = new Map<string, Tally>();
  /** Where names go that came too late; undefined until there is one. */
  #other: Tally | undefined;

  add(name: string): void {
    (this.#tallies.get(name) ?? this.#further(name)).count++;
  }

  counts(): Record<string, number> {
    return Object.fromEntries([...this.#tallies].map(([name, { count }]) => [name, count]));
  }

  #further(name: string): Tally {
    if (this.#other !== undefined) {
      return this.#other;
    }
    const isOther = this.#tallies.size >= maxThreats;
    const tally = (isOther ? this.#tallies.get('other') : undefined) ?? { count: 0 };
    this.#tallies.set(isOther ? 'other' : name, tally);
    this.#other = isOther ? tally : undefined;
    return tally;
  }
}

/** The same store, with what it finds counted. */
export function countedStore(store: ReputationStore, metrics: Pick<ServerMetrics, 'found' | 'written'>): ReputationStore {
  const count = (lists: readonly (readonly AnswerRecord[])[]): readonly (readonly AnswerRecord[])[] => {
    metrics.found(lists);
    return lists;
  };
  const counted: ReputationStore = {
    get generation() {
      return store.generation;
    },
    get entries() {
      return store.entries;
    },
    lookup(kind, algorithm, prefixes) {
      const found = store.lookup(kind, algorithm, prefixes);
      return found instanceof Promise ? found.then(count) : count(found);
    },
  };
  return writesStatements(store) ? Object.assign(counted, { writeStatements: countedWriting(store, metrics) }) : counted;
}

function countedWriting(store: StatementWriter, metrics: Pick<ServerMetrics, 'written'>): StatementWriter['writeStatements'] {
  return (group, to) => {
    const found = store.writeStatements(group, to);
    metrics.written(group.prefixes.length, found.hits, found.threats);
    return found;
  };
}

/** The counters of several processes as those of one. */
export function addCounts(all: readonly ServerCounts[]): ServerCounts {
  const sum = (pick: (one: ServerCounts) => number): number => all.reduce((total, one) => total + pick(one), 0);
  return {
    responses: addRecords(all.map((one) => one.responses)),
    limited: sum((one) => one.limited),
    connections: sum((one) => one.connections),
    questions: sum((one) => one.questions),
    hits: sum((one) => one.hits),
    threats: addRecords(all.map((one) => one.threats)),
    agents: mergeSketches(all.map((one) => one.agents)),
  };
}

function addRecords(all: readonly Readonly<Record<string, number>>[]): Record<string, number> {
  const total = new Map<string, number>();
  for (const [key, value] of all.flatMap((one) => Object.entries(one))) {
    total.set(key, (total.get(key) ?? 0) + value);
  }
  return Object.fromEntries(total);
}

/** The text that Prometheus reads. */
export function metricsText(counts: ServerCounts, state: ServerState): string {
  const ageSeconds = state.createdAt === undefined ? undefined : Math.max(0, (state.now - state.createdAt) / 1000);
  return [
    metric('vedette_generation', 'gauge', 'Generation of the server pattern that is answered from.', [['', state.generation]]),
    metric('vedette_pattern_age_seconds', 'gauge', 'Age of the server pattern.', ageSeconds === undefined ? [] : [['', ageSeconds]]),
    metric('vedette_entries', 'gauge', 'Records in the server pattern.', state.entries === undefined ? [] : [['', state.entries]]),
    metric('vedette_processes', 'gauge', 'Processes that answer.', [['', state.processes]]),
    metric('vedette_connections', 'gauge', 'Open connections.', [['', counts.connections]]),
    metric('vedette_agents_seen', 'gauge', 'Different addresses that asked since the start, within 3 %.', [['', sketchedCount(counts.agents)]]),
    metric('vedette_questions_total', 'counter', 'Prefixes that were asked.', [['', counts.questions]]),
    metric('vedette_hits_total', 'counter', 'Prefixes under which something is listed.', [['', counts.hits]]),
    metric('vedette_hits_by_threat_total', 'counter', 'The same by the name of the threat.', labelled('threat', counts.threats)),
    metric('vedette_responses_total', 'counter', 'Responses by status.', labelled('status', counts.responses)),
    metric('vedette_limited_total', 'counter', 'Requests turned away by a rate limit.', [['', counts.limited]]),
  ].join('');
}

function labelled(label: string, values: Readonly<Record<string, number>>): [string, number][] {
  return Object.entries(values).sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, value]) => [`{${label}="${escaped(name)}"}`, value]);
}

function metric(name: string, type: 'gauge' | 'counter', help: string, samples: readonly (readonly [labels: string, value: number])[]): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}\n`).join('');
  return `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines}`;
}

function escaped(value: string): string {
  return value.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n');
}
