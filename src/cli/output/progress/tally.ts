/** The sums of a run: the last JSON line, and the lines that people read in its place. */
import type { CheckResult } from '../../../base/check-result.js';
import type { Json } from '../../../base/seams.js';
import type { Skipped } from '../../input/tree.js';
import type { Colours } from '../colours.js';
import { counted, grouped, sized, tabulated } from '../text.js';

/** Counts of a run. */
export interface Tally {
  readonly subjects: number;
  readonly bytes: number;
  readonly malicious: number;
  readonly suspicious: number;
  readonly clean: number;
  readonly unknown: number;
  /** Of the unknown ones: flagged for verification. */
  readonly pending: number;
}

/** Nothing counted yet. */
export const emptyTally: Tally = { subjects: 0, bytes: 0, malicious: 0, suspicious: 0, clean: 0, unknown: 0, pending: 0 };

/** A tally that is being made. */
export type OpenTally = { -readonly [K in keyof Tally]: Tally[K] };

/** One result more. Counts in place: a tree has hundreds of thousands. */
export function count(tally: OpenTally, result: CheckResult): void {
  tally.subjects += 1;
  tally.bytes += result.subject.kind === 'url' ? 0 : result.size ?? 0;
  tally[result.verdict.disposition] += 1;
  tally.pending += result.pending.kind === 'queued' ? 1 : 0;
}

/** What a run knows besides its results. */
export interface RunFacts {
  /** The engine's counters. */
  readonly stats: Readonly<Record<string, number>>;
  readonly seconds: number;
  /** What was met on the way and is no file, by kind. */
  readonly skipped?: Skipped;
  /** Entries of the queue that are still open after a drain. */
  readonly open?: number;
  readonly interrupted: boolean;
}

/** The last JSON line. */
export function summaryRecord(tally: Tally, facts: RunFacts): Json {
  return {
    kind: 'summary',
    subjects: tally.subjects,
    bytes: tally.bytes,
    malicious: tally.malicious,
    suspicious: tally.suspicious,
    unknown: tally.unknown,
    questions: facts.stats['questions'] ?? 0,
    cacheHits: facts.stats['cacheHits'] ?? 0,
    seconds: Math.round(facts.seconds * 1000) / 1000,
    clean: tally.clean,
    pending: tally.pending,
    skipped: sum(facts.skipped),
    ...(facts.open === undefined ? {} : { open: facts.open }),
    ...(facts.interrupted ? { interrupted: true } : {}),
  };
}

/** The same for people. */
export function summaryLines(tally: Tally, facts: RunFacts, how: { readonly noun: string; readonly colours: Colours }): string[] {
  const { colours, noun } = how;
  const found = tally.malicious + tally.suspicious;
  const flagged = tally.pending === 0 ? '' : ` (${grouped(tally.pending)} flagged for verification)`;
  const bytes = tally.bytes === 0 ? '' : `, ${sized(tally.bytes)}`;
  const paintedFound = found === 0 ? '0' : colours.bad(`${grouped(tally.malicious)} malicious, ${grouped(tally.suspicious)} suspicious`);
  const rows = [
    ['checked', `${counted(tally.subjects, noun)}${bytes} in ${facts.seconds.toFixed(1)} s`],
    ['found', paintedFound],
    ['unknown', tally.unknown === 0 ? '0' : colours.doubtful(`${grouped(tally.unknown)}${flagged}`)],
    ['asked', `${counted(facts.stats['questions'] ?? 0, 'question')}, ${grouped(facts.stats['cacheHits'] ?? 0)} answered by earlier ones`],
    ...(sum(facts.skipped) === 0 ? [] : [['skipped', skippedWords(facts.skipped)]]),
    ...(facts.open === undefined ? [] : [['open', `${counted(facts.open, 'entry', 'entries')} still to be verified`]]),
    ...(facts.interrupted ? [['ended', colours.doubtful('early: the rest was not checked')]] : []),
  ];
  return tabulated(rows);
}

const skippedNames: Readonly<Record<string, readonly [string, string]>> = {
  symlink: ['symbolic link', 'symbolic links'],
  fifo: ['pipe', 'pipes'],
  socket: ['socket', 'sockets'],
  device: ['device', 'devices'],
};

function skippedWords(skipped: Skipped = new Map()): string {
  return [...skipped].map(([kind, count]) => counted(count, ...(skippedNames[kind] ?? [kind, `${kind}s`]))).join(', ');
}

function sum(skipped: Skipped = new Map()): number {
  return [...skipped.values()].reduce((total, count) => total + count, 0);
}
