/** `vedette pending`: the queue of what no server could verify: shown, checked anew, and what was set aside. */
import { stat } from 'node:fs/promises';
import type { Engine } from '../../engine/checker.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean, type ExitCode } from '../exit-code.js';
import { engineOptions, openEngine, remedyOptions } from '../input/engine-options.js';
import { fileError } from '../input/read-file.js';
import type { Io } from '../io.js';
import { outputOptions } from '../output/options.js';
import { pendingLines, pendingRecord } from '../output/pending-entry.js';
import { createReport } from '../output/report.js';
import { counted, grouped } from '../output/text.js';
import { checkInto } from '../run.js';

const dataOption = { kind: 'text', value: 'DIR', help: 'the data directory with the queue', required: true } as const;
const listOptions = { data: dataOption, json: outputOptions.json } as const;

/** Everything that is flagged. */
export const pendingListCommand: Command = defineCommand({
  name: 'pending list',
  summary: 'show what is flagged for verification',
  options: listOptions,
  run: ({ options, io }) => listEntries({ ...options, dead: false }, io),
});

/** What was set aside. */
export const pendingDeadCommand: Command = defineCommand({
  name: 'pending dead',
  summary: 'show what was set aside after too many failures',
  options: listOptions,
  run: ({ options, io }) => listEntries({ ...options, dead: true }, io),
});

/** Checks what is flagged anew. */
export const pendingDrainCommand: Command = defineCommand({
  name: 'pending drain',
  summary: 'check everything that is flagged anew',
  options: {
    ...engineOptions,
    data: dataOption,
    ...remedyOptions,
    dead: { kind: 'switch', help: 'also what was set aside' },
    ...outputOptions,
  },
  notes: 'What is verified leaves the queue; what still cannot be verified stays, and the exit status is then 3.',
  async run({ options, io }) {
    await assertDirectory(options.data);
    const engine = await openEngine(options, io);
    try {
      const report = await createReport({ ...options, noun: 'flagged subject', named: new Set() }, io);
      await checkInto(report, engine.pending.drain({ dead: options.dead, signal: io.signal }), io);
      return await report.end({ stats: engine.stats(), open: await openEntries(engine) });
    } finally {
      await engine.close();
    }
  },
});

async function listEntries(
  options: { readonly data: string; readonly json: boolean; readonly dead: boolean },
  io: Io,
): Promise<ExitCode> {
  await assertDirectory(options.data);
  const engine = await openEngine({ ...noSources, data: options.data }, io);
  try {
    let shown = 0;
    for await (const entry of engine.pending.list()) {
      if (!options.dead || entry.dead) {
        shown++;
        for (const line of options.json ? [JSON.stringify(pendingRecord(entry))] : pendingLines(entry, io)) {
          await io.line(line);
        }
      }
    }
    const counts = await engine.pending.counts();
    const rest = `${grouped(counts.due)} due, ${grouped(counts.dead)} set aside`;
    await io.line(options.json ? JSON.stringify({ kind: 'summary', entries: shown, ...counts }) : `${counted(shown, 'entry', 'entries')} (${rest})`);
    return exitClean;
  } finally {
    await engine.close();
  }
}

const noSources = { pattern: [], server: [], serverPattern: undefined, trust: [], policy: undefined } as const;

/** Entries that may still be verified: due, waiting for their time, or in somebody's hands. */
async function openEntries(engine: Engine): Promise<number> {
  const { due, waiting = 0, claimed } = await engine.pending.counts();
  return due + waiting + claimed;
}

/** A directory that is not there is a slip of the pen, not an empty queue. */
async function assertDirectory(dir: string): Promise<void> {
  await stat(dir).catch((error: unknown) => {
    throw fileError(dir, error);
  });
}
