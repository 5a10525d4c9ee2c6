/**
 * What a run over subjects shows: a JSON line per result, or lines for people (finds, what could not be told, and what
 * was asked for by name) with a progress bar; at the end the sums and the exit status.
 */
import { writeFile } from 'node:fs/promises';
import type { CheckResult } from '../../base/check-result.js';
import type { Reason } from '../../base/verdict.js';
import { toRecord } from '../../engine/record.js';
import { exitCodeOf, exitFailed, type ExitCode } from '../exit-code.js';
import { fileError } from '../input/read-file.js';
import type { Io } from '../io.js';
import { programVersion } from '../version.js';
import { humanResult, subjectName } from './human-result.js';
import { noProgress, type Progress } from './progress/progress.js';
import type { SarifLog } from './sarif.js';
import { count, emptyTally, summaryLines, summaryRecord, type OpenTally, type RunFacts } from './progress/tally.js';
import { grouped } from './text.js';
import { reasonWords } from './words.js';

/** How a run is shown. */
export interface ReportOptions {
  readonly json: boolean;
  readonly quiet: boolean;
  readonly sarif: string | undefined;
  /** What is counted: `file`, `URL`. */
  readonly noun: string;
  /** Subjects named by the user: those are shown even when they are clean. */
  readonly named: ReadonlySet<string>;
}

/** Shows one run. */
export interface Report {
  readonly progress: Progress;
  /** A promise where something has to be written first. */
  take(result: CheckResult): void | Promise<void>;
  /** The sums and the exit status. */
  end(facts: Omit<RunFacts, 'interrupted' | 'seconds'>): Promise<ExitCode>;
}

/** People are shown this many subjects of one kind of `unknown`; programs get all of them. */
const shownPerReason = 20;

/** A report that has begun. */
export async function createReport(options: ReportOptions, io: Io): Promise<Report> {
  const startedAt = performance.now();
  const sarif = options.sarif === undefined ? undefined : await openSarif(options.sarif);
  const progress = options.json || options.quiet || io.terminal === undefined ? noProgress : await openProgress(io.terminal);
  const unknowns = new Map<Reason, number>();
  const tally: OpenTally = { ...emptyTally };
  const namedLengths = new Set([...options.named].map((name) => name.length));

  /** True when a person is to see the result. */
  function isShown(result: CheckResult): boolean {
    const { disposition, reason = 'internal' } = result.verdict;
    const { label, url } = result.subject;
    if (disposition === 'clean') {
      // By its length first: looking for a path among names makes a hash of all of it.
      const name = label ?? url ?? '';
      return result.occasion !== 'now' || (namedLengths.has(name.length) && options.named.has(name));
    }
    if (disposition !== 'unknown') {
      return true;
    }
    const before = unknowns.get(reason) ?? 0;
    unknowns.set(reason, before + 1);
    return before < shownPerReason;
  }

  /** A promise only where there is something to write. */
  function show(result: CheckResult): Promise<void> | undefined {
    if (options.json) {
      return io.line(JSON.stringify(toRecord(result)));
    }
    return isShown(result) ? progress.around(() => write(humanResult(result, io))) : undefined;
  }

  async function write(lines: readonly string[]): Promise<void> {
    for (const line of lines) {
      await io.line(line);
    }
  }

  async function sums(facts: RunFacts): Promise<void> {
    if (options.json) {
      await io.line(JSON.stringify(summaryRecord(tally, facts)));
      return;
    }
    for (const [reason, count] of unknowns) {
      if (count > shownPerReason) {
        await io.line(io.colours.quiet(`            and ${grouped(count - shownPerReason)} more: ${reasonWords[reason]}`));
      }
    }
    for (const line of [...(tally.subjects === 0 ? [] : ['']), ...summaryLines(tally, facts, { noun: options.noun, colours: io.colours })]) {
      await io.line(line);
    }
  }

  return {
    progress,
    take(result) {
      count(tally, result);
      sarif?.add(result);
      const shown = show(result);
      if (progress.isShown) {
        const advance = (): void => progress.advance(subjectName(result), tally.malicious + tally.suspicious);
        return shown === undefined ? advance() : shown.then(advance);
      }
      return shown;
    },
    async end(known) {
      progress.stop();
      const interrupted = io.signal.aborted;
      await sums({ ...known, interrupted, seconds: (performance.now() - startedAt) / 1000 });
      if (sarif !== undefined && options.sarif !== undefined) {
        await writeSarif(options.sarif, `${sarif.text(!interrupted)}\n`);
      }
      if (interrupted) {
        return exitFailed;
      }
      return exitCodeOf({ found: tally.malicious + tally.suspicious, unknown: tally.unknown + (known.open ?? 0) });
    },
  };
}

/** Loaded where there is a terminal to show it on. */
async function openProgress(terminal: NodeJS.WriteStream): Promise<Progress> {
  const { createProgress } = await import('./progress/progress-bar.js');
  return createProgress(terminal);
}

/** Loaded when it is asked for: nobody else pays for it. A place that cannot be written is found out before the run. */
async function openSarif(file: string): Promise<SarifLog> {
  await writeSarif(file, '');
  const { createSarifLog } = await import('./sarif.js');
  return createSarifLog(programVersion());
}

async function writeSarif(file: string, text: string): Promise<void> {
  await writeFile(file, text).catch((error: unknown) => {
    throw fileError(file, error);
  });
}
