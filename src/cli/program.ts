/** The commands, and the one place where every failure becomes one line on standard error and an exit status. */
import type { Command } from './command.js';
import { compileCommand } from './commands/compile.js';
import { explainCommand } from './commands/explain.js';
import { inspectCommand } from './commands/inspect.js';
import { keygenCommand } from './commands/keygen.js';
import { pendingAuditCommand } from './commands/pending-audit.js';
import { pendingDeadCommand, pendingDrainCommand, pendingListCommand } from './commands/pending.js';
import { quarantineListCommand, quarantinePurgeCommand, quarantineRestoreCommand } from './commands/quarantine.js';
import { scanCommand } from './commands/scan.js';
import { serveCommand } from './commands/serve.js';
import { urlCommand } from './commands/url.js';
import { exitClean, exitFailed, type ExitCode } from './exit-code.js';
import { explainError } from './explain-error.js';
import type { Io } from './io.js';
import { parseCommandLine, type Grammar } from './parser.js';
import { programVersion } from './version.js';

const commands: readonly Command[] = [
  compileCommand,
  scanCommand,
  urlCommand,
  serveCommand,
  pendingListCommand,
  pendingDrainCommand,
  pendingDeadCommand,
  pendingAuditCommand,
  quarantineListCommand,
  quarantineRestoreCommand,
  quarantinePurgeCommand,
  explainCommand,
  inspectCommand,
  keygenCommand,
];

const exitStatus = [
  'Exit status: 0 everything clean · 1 something malicious or suspicious · 2 usage or fatal error ·',
  '3 nothing found but something is unknown.',
];

/** Runs one command line (without node and script). Never rejects. */
export async function runProgram(args: readonly string[], io: Io): Promise<ExitCode> {
  try {
    const parsed = parseCommandLine(args, grammar(), io);
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

function grammar(): Grammar {
  return {
    name: 'vedette',
    about: 'Judges files and URLs: a light local pattern, a reputation server asked by identification only.',
    version: programVersion(),
    commands,
    notes: exitStatus,
  };
}
