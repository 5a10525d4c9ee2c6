/** How texts of the system are had: files of the kernel, and programs that come with it, each under limits. */
import { execFile } from 'node:child_process';
import { open } from 'node:fs/promises';

/** What is asked of the system. */
export interface SystemText {
  /** The beginning of a file; rejects when it cannot be read. */
  file(path: string): Promise<string>;
  /** What a program writes; rejects when it fails or takes too long. */
  run(program: string, args: readonly string[], signal: AbortSignal | undefined): Promise<string>;
}

const maxBytes = 1024 * 1024;
const maxRunMs = 5_000;

/** The texts of this machine. */
export const systemText: SystemText = {
  async file(path) {
    const handle = await open(path, 'r');
    try {
      // Files of the kernel have no size: they are read until they end.
      const buffer = Buffer.alloc(maxBytes);
      let length = 0;
      for (let count = 1; count > 0 && length < maxBytes; length += count) {
        ({ bytesRead: count } = await handle.read(buffer, length, Math.min(65_536, maxBytes - length), null));
      }
      return buffer.toString('latin1', 0, length);
    } finally {
      await handle.close();
    }
  },
  run: (program, args, signal) =>
    new Promise((resolve, reject) => {
      const how = { encoding: 'latin1' as const, timeout: maxRunMs, maxBuffer: maxBytes, windowsHide: true, env: { ...process.env, LC_ALL: 'C' }, ...(signal === undefined ? {} : { signal }) };
      execFile(program, [...args], how, (error, output) => (error === null ? resolve(output) : reject(new Error(error.message, { cause: error }))));
    }),
};
