/** The commands, and the one place where every failure becomes one line on standard error and an exit status. */
import type { Command } from './command.js';
import { exitClean, exitFailed, type ExitCode } from './exit-code.js';
import { explainError } from './explain-error.js';
import type { Io } from './io.js';
import { parseCommandLine, type Grammar } from './parser.js';
import { programVersion } from './version.js';

/** By the first word: a command loads what it needs, and nothing of the others. */
const loaders: Readonly<Record<string, () => Promise<readonly Command[]>>> = {
  compile: async () => [(await import('./commands/compile.js')).compileCommand],
  site: async () => [(await import('./commands/site.js')).siteCommand],
  scan: async () => [(await import('./commands/scan.js')).scanCommand],
  url: async () => [(await import('./commands/url.js')).urlCommand],
  import: async () => [(await import('./commands/import.js')).importCommand],
  serve: async () => [(await import('./commands/serve.js')).serveCommand],
  publish: loadPublish,
  update: async () => [(await import('./commands/update.js')).updateCommand],
  pending: loadPending,
  quarantine: loadQuarantine,
  explain: async () => [(await import('./commands/explain.js')).explainCommand],
  inspect: async () => [(await import('./commands/inspect.js')).inspectCommand],
  keygen: async () => [(await import('./commands/keygen.js')).keygenCommand],
  'key-list': loadKeyList,
};

async function loadKeyList(): Promise<readonly Command[]> {
  const { keyListMakeCommand, keyListShowCommand } = await import('./commands/key-list.js');
  return [keyListMakeCommand, keyListShowCommand];
}

async function loadPending(): Promise<readonly Command[]> {
  const { pendingListCommand, pendingDrainCommand, pendingDeadCommand } = await import('./commands/pending.js');
  const { pendingAuditCommand } = await import('./commands/pending-audit.js');
  return [pendingListCommand, pendingDrainCommand, pendingDeadCommand, pendingAuditCommand];
}

async function loadPublish(): Promise<readonly Command[]> {
  const { publishAddCommand, publishInitCommand, publishStatusCommand } = await import('./commands/publish.js');
  const ceremony = await import('./commands/publish-ceremony.js');
  const { publishRootCommand, publishDelegateCommand, publishSignCommand, publishShowCommand, publishInstallCommand } = ceremony;
  return [
    publishAddCommand, publishStatusCommand, publishInitCommand,
    publishRootCommand, publishDelegateCommand, publishSignCommand, publishShowCommand, publishInstallCommand,
  ];
}

async function loadQuarantine(): Promise<readonly Command[]> {
  const { quarantineListCommand, quarantineRestoreCommand, quarantinePurgeCommand } = await import('./commands/quarantine.js');
  return [quarantineListCommand, quarantineRestoreCommand, quarantinePurgeCommand];
}

/** The commands that a line may mean: all of them where its first word is none, for the help and for what is meant instead. */
async function commandsFor([first = '']: readonly string[]): Promise<readonly Command[]> {
  const own = Object.hasOwn(loaders, first) ? loaders[first] : undefined;
  return own === undefined ? (await Promise.all(Object.values(loaders).map((load) => load()))).flat() : own();
}

const exitStatus = [
  'Exit status: 0 everything clean · 1 something malicious or suspicious · 2 usage or fatal error ·',
  '3 nothing found but something is unknown.',
];

/** Runs one command line (without node and script). Never rejects. */
export async function runProgram(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const parsed = parseCommandLine(args, grammar(await commandsFor(args)), io);
    switch (parsed.kind) {
      case 'call':
        return await parsed.call.command.start(parsed.call.args, parsed.call.values, io);
      case 'told':
        return exitClean;
      case 'refused':
        return exitFailed;
    }
  } catch (error) {
    // When nobody reads any more, there is nobody to tell.
    if (io.stopped() !== 'unread') {
      io.note(`vedette: ${explainError(error)}`);
    }
    return exitFailed;
  }
}

function grammar(commands: readonly Command[]): Grammar {
  return {
    name: 'vedette',
    about: 'Judges files and URLs: a light local pattern, a reputation server asked by identification only.',
    version: programVersion(),
    commands,
    notes: exitStatus,
  };
}
