/** `vedette pending`: the queue of what no server could verify: shown, checked anew, taken over, and what was set aside. */
import { stat } from 'node:fs/promises';
import { VedetteError } from '../../base/errors.js';
import type { Engine } from '../../engine/checker.js';
import type { PendingOptions } from '../../engine/options.js';
import type { PendingEntry } from '../../pending/pending-queue.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean, type ExitCode } from '../exit-code.js';
import { engineOptions, openEngine, remedyOptions } from '../input/engine-options.js';
import { fileError } from '../input/read-file.js';
import type { Io } from '../io.js';
import { outputOptions } from '../output/options.js';
import { orphanHints, pendingLines, pendingRecord, queueSummary } from '../output/items/pending-entry.js';
import { createReport } from '../output/report.js';
import { counted } from '../output/text.js';
import { checkInto } from '../run.js';

const dataOption = { kind: 'text', value: 'DIR', help: 'the data directory with the queue', required: true } as const;
const listOptions = { data: dataOption, json: outputOptions.json } as const;

/** The engine that a command opens has no name of its own. */
const ownName = 'default';

/** Everything that is flagged. */
export const pendingListCommand: Command = defineCommand({
  name: 'pending list',
  summary: 'show what is flagged for verification',
  options: listOptions,
  notes: 'Entries of engines with another name are marked; `pending drain --adopt NAME` takes them over.',
  run: ({ options, io }) => inQueue(options, io, (engine) => show(engine, { ...options, io, which: () => true })),
});

/** What was set aside. */
export const pendingDeadCommand: Command = defineCommand({
  name: 'pending dead',
  summary: 'show what was set aside after too many failures',
  argument: { name: 'ID', count: 'any' },
  options: { ...listOptions, revive: { kind: 'switch', help: 'take it back: it is checked by the next drain' } },
  notes: 'ID is an id of this list; without any, all of it is meant.',
  run: ({ args, options, io }) =>
    inQueue(options, io, async (engine) => {
      const ids = await deadIds(engine, args);
      const code = await show(engine, { ...options, io, which: (entry) => ids.has(entry.id) });
      return options.revive ? revive(engine, { ...options, ids, io }) : code;
    }),
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
    adopt: { kind: 'texts', value: 'NAME', help: 'first take over the entries of the engine NAME, which is no more' },
    rate: { kind: 'whole', value: 'N', min: 1, max: 1_000_000, help: 'entries checked each second at most (100 where a server is asked)' },
    ...outputOptions,
  },
  notes: 'What is verified leaves the queue; what still cannot be verified stays, and the exit status is then 3.',
  async run({ options, io }) {
    await assertDirectory(options.data);
    const engine = await openEngine(options, io, { pending: paceOf(options) });
    try {
      await adopt(engine, options.adopt, io);
      const report = await createReport({ ...options, noun: 'flagged subject', named: new Set() }, io);
      await checkInto(report, engine.pending.drain({ dead: options.dead, signal: io.signal }), io);
      const code = await report.end({ stats: engine.stats(), open: await openEntries(engine) });
      orphanHints(await orphans(engine)).forEach((hint) => io.note(`vedette: ${hint}`));
      return code;
    } finally {
      await engine.close();
    }
  },
});

/** A server of this process need not be spared. */
function paceOf(options: { readonly rate: number | undefined; readonly server: readonly string[] }): PendingOptions {
  const rate = options.rate ?? (options.server.length === 0 ? 1_000_000 : undefined);
  return rate === undefined ? {} : { drainPerSecond: rate, drainBurst: rate };
}

async function inQueue(options: { readonly data: string }, io: Io, work: (engine: Engine) => Promise<ExitCode>): Promise<ExitCode> {
  await assertDirectory(options.data);
  const engine = await openEngine({ ...noSources, data: options.data }, io);
  try {
    return await work(engine);
  } finally {
    await engine.close();
  }
}

const noSources = { pattern: [], server: [], serverPattern: undefined, trust: [], listKey: [], policy: undefined } as const;

async function show(
  engine: Engine,
  how: { readonly json: boolean; readonly io: Io; readonly which: (entry: PendingEntry) => boolean },
): Promise<ExitCode> {
  const { io, json, which } = how;
  const manner = { colours: io.colours, now: Date.now(), owner: ownName };
  let shown = 0;
  for (const orphaned of [false, true]) {
    for await (const entry of engine.pending.list({ orphaned })) {
      if (which(entry)) {
        shown++;
        for (const line of json ? [JSON.stringify(pendingRecord(entry))] : pendingLines(entry, manner)) {
          await io.line(line);
        }
      }
    }
  }
  const counts = await engine.pending.counts();
  await io.line(json ? JSON.stringify({ kind: 'summary', entries: shown, ...counts }) : queueSummary(shown, counts));
  if (!json) {
    orphanHints(await orphans(engine)).forEach((hint) => io.note(`vedette: ${hint}`));
  }
  return exitClean;
}

/** All that is dead, or what of it was named. */
async function deadIds(engine: Engine, named: readonly string[]): Promise<ReadonlySet<string>> {
  const dead = new Set<string>();
  for (const orphaned of [false, true]) {
    for await (const entry of engine.pending.list({ orphaned })) {
      if (entry.dead) {
        dead.add(entry.id);
      }
    }
  }
  const unknown = named.find((id) => !dead.has(id));
  if (unknown !== undefined) {
    throw new VedetteError('config-invalid', `${unknown}: nothing of that id was set aside; \`pending dead\` lists what was`);
  }
  return named.length === 0 ? dead : new Set(named);
}

async function revive(engine: Engine, how: { readonly ids: ReadonlySet<string>; readonly json: boolean; readonly io: Io }): Promise<ExitCode> {
  let revived = 0;
  for (const id of how.ids) {
    revived += await engine.pending.revive(id);
  }
  await how.io.line(how.json ? JSON.stringify({ kind: 'revived', entries: revived }) : `took back ${counted(revived, 'entry', 'entries')}`);
  return exitClean;
}

/** A name that nobody has is a slip of the pen, and the rest is then not done in its place. */
async function adopt(engine: Engine, names: readonly string[], io: Io): Promise<void> {
  const left = await orphans(engine);
  const unknown = names.find((name) => !left.some((one) => one.owner === name));
  if (unknown !== undefined) {
    const there = left.map((one) => `"${one.owner}"`).join(', ');
    throw new VedetteError('config-invalid', `--adopt ${unknown}: no such engine has entries here${there === '' ? '' : `, but ${there} has`}`);
  }
  for (const name of names) {
    io.note(`vedette: took over ${counted(await engine.pending.adopt(name), 'entry', 'entries')} of the engine "${name}"`);
  }
}

async function orphans(engine: Engine): ReturnType<Engine['pending']['owners']> {
  return (await engine.pending.counts()).orphaned === 0 ? [] : (await engine.pending.owners()).filter((one) => one.orphaned);
}

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
