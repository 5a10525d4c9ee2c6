/** `vedette scan`: checks files and trees. */
import { stat } from 'node:fs/promises';
import type { CheckOptions } from '../../engine/checker.js';
import { defineCommand, type Command } from '../command.js';
import { fileError } from '../input/read-file.js';
import { engineOptions, openEngine, remedyOptions } from '../input/engine-options.js';
import { countFiles, createTree } from '../input/tree.js';
import type { Io } from '../io.js';
import { outputOptions } from '../output/options.js';
import { createReport, type Report } from '../output/report.js';
import { checkInto } from '../run.js';

/** The command. */
export const scanCommand: Command = defineCommand({
  name: 'scan',
  summary: 'check files and trees',
  argument: { name: 'PATH', count: 'some' },
  options: {
    ...engineOptions,
    ...remedyOptions,
    allMatches: { kind: 'switch', help: 'list every signature that matches, not only the first' },
    layers: { kind: 'choice', values: ['all', 'local', 'remote'], help: 'which layers are asked (all)' },
    jobs: { kind: 'whole', value: 'N', min: 1, max: 1024, help: 'files at a time (16)' },
    ...outputOptions,
  },
  notes:
    'What no server can verify is flagged in the queue of --data, and let through or held as --policy says; ' +
    'without --data it is only reported. Without --remedy nothing is ever moved.',
  async run({ args, options, io }) {
    await assertThere(args);
    const jobs = options.jobs ?? 16;
    const engine = await openEngine(options, io, { jobs, subjects: 'files' });
    try {
      const report = await createReport({ ...options, noun: 'file', named: new Set(args) }, io);
      const tree = createTree(args);
      const stopCounting = countAhead(args, report, io);
      const checkOptions: CheckOptions = {
        allMatches: options.allMatches,
        layers: options.layers,
        // A flag that does not outlive this process would only pretend.
        pending: options.data !== undefined,
        signal: io.signal,
      };
      await checkInto(report, engine.checkAll(tree.subjects, { ...checkOptions, concurrency: jobs }), io);
      stopCounting();
      return await report.end({ stats: engine.stats(), skipped: tree.skipped() });
    } finally {
      await engine.close();
    }
  },
});

/** Lets the progress bar know how much there will be, while the run has already begun. */
function countAhead(paths: readonly string[], report: Report, io: Io): () => void {
  const over = new AbortController();
  if (report.progress.isShown) {
    const signal = AbortSignal.any([io.signal, over.signal]);
    // What cannot be counted is met again by the run itself.
    countFiles(paths, { expect: () => report.progress.expect(), signal }).catch(() => undefined);
  }
  return () => over.abort();
}

/** What the user names has to be there; what is found below may come and go. */
async function assertThere(paths: readonly string[]): Promise<void> {
  for (const path of paths) {
    await stat(path).catch((error: unknown) => {
      throw fileError(path, error);
    });
  }
}
