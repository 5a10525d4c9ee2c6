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
import { createProgress, noProgress, type Progress } from './progress.js';
import type { SarifLog } from './sarif.js';
import { counting, emptyTally, summaryLines, summaryRecord, type RunFacts, type Tally } from './tally.js';
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
  take(result: CheckResult): Promise<void>;
  /** The sums and the exit status. */
  end(facts: Omit<RunFacts, 'interrupted' | 'seconds'>): Promise<ExitCode>;
}

/** People are shown this many subjects of one kind of `unknown`; programs get all of them. */
const shownPerReason = 20;

/** A report that has begun. */
export async function createReport(options: ReportOptions, io: Io): Promise<Report> {
  const startedAt = performance.now();
  const sarif = options.sarif === undefined ? undefined : await openSarif(options.sarif);
  const progress = options.json || options.quiet || io.terminal === undefined ? noProgress : createProgress(io.terminal);
  const unknowns = new Map<Reason, number>();
  let tally: Tally = emptyTally;

  /** True when a person is to see the result. */
  function isShown(result: CheckResult): boolean {
    const { disposition, reason = 'internal' } = result.verdict;
    const { label, url } = result.subject;
    if (disposition === 'clean') {
      return result.occasion !== 'now' || options.named.has(label ?? url ?? '');
    }
    if (disposition !== 'unknown') {
      return true;
    }
    const before = unknowns.get(reason) ?? 0;
    unknowns.set(reason, before + 1);
    return before < shownPerReason;
  }

  async function show(result: CheckResult): Promise<void> {
    if (options.json) {
      await io.line(JSON.stringify(toRecord(result)));
      return;
    }
    if (isShown(result)) {
      await progress.around(async () => {
        for (const line of humanResult(result, io)) {
          await io.line(line);
        }
      });
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
    async take(result) {
      tally = counting(tally, result);
      sarif?.add(result);
      await show(result);
      progress.advance(subjectName(result), tally.malicious + tally.suspicious);
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
