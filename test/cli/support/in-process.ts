/** The program in this process, with its output kept: what the tables of commands run on. */
import { coloursFor } from '../../../src/cli/output/colours.js';
import type { Io } from '../../../src/cli/io.js';
import { runProgram } from '../../../src/cli/program.js';
import type { Ended } from './ended.js';

export async function vedette(args: readonly string[], input: Iterable<string> = []): Promise<Ended> {
  let stdout = '';
  let stderr = '';
  const io: Io = {
    line: (text) => {
      stdout += `${text}\n`;
      return Promise.resolve();
    },
    stdin: async function* () {
      for (const part of input) {
        yield Buffer.from(part);
      }
    },
    note: (text) => {
      stderr += `${text}\n`;
    },
    colours: coloursFor(false, {}),
    width: 100,
    terminal: undefined,
    signal: new AbortController().signal,
    stopped: () => 'no',
  };
  const code = await runProgram(args, io);
  return { code, stdout, stderr };
}
