/** Files that the user names, read under a limit. untrusted: whoever wrote them. */
import { open, type FileHandle } from 'node:fs/promises';
import { VedetteError } from '../../base/errors.js';

const chunkBytes = 1024 * 1024;

/**
 * The whole content of a file or pipe.
 * @throws VedetteError `config-invalid`, one line that names the file, when it cannot be read or is over the limit.
 */
export async function readLimitedFile(path: string, maxBytes: number): Promise<Uint8Array> {
  const handle = await open(path, 'r').catch((error: unknown) => {
    throw fileError(path, error);
  });
  try {
    return await readAll(handle, { path, maxBytes });
  } catch (error) {
    throw VedetteError.is(error) ? error : fileError(path, error);
  } finally {
    await handle.close();
  }
}

/** The error with which a failed use of a file ends, in one line: `out/x: no such file or directory`. */
export function fileError(path: string, error: unknown): VedetteError {
  const message = error instanceof Error ? error.message : String(error);
  // Node's "ENOENT: no such file or directory, open '/x'" repeats the path; its middle is what people need.
  const plain = /^[A-Z0-9_]+: ([^,]+)/.exec(message)?.[1] ?? message;
  return new VedetteError('config-invalid', `${path}: ${plain}`, { cause: error });
}

async function readAll(handle: FileHandle, of: { readonly path: string; readonly maxBytes: number }): Promise<Uint8Array> {
  const { size } = await handle.stat();
  if (size > of.maxBytes) {
    throw tooLarge(of);
  }
  const parts: Buffer[] = [];
  let length = 0;
  for (;;) {
    // Without a position: pipes have none. One byte more than known, so that the end is seen in the same round.
    const part = Buffer.allocUnsafe(Math.max(chunkBytes, Math.min(size - length + 1, of.maxBytes + 1)));
    const { bytesRead } = await handle.read(part, 0, part.length, null);
    if (bytesRead === 0) {
      break;
    }
    parts.push(part.subarray(0, bytesRead));
    length += bytesRead;
    if (length > of.maxBytes) {
      throw tooLarge(of);
    }
  }
  const [first] = parts;
  const whole = parts.length === 1 && first !== undefined ? first : Buffer.concat(parts, length);
  return new Uint8Array(whole.buffer, whole.byteOffset, whole.length);
}

function tooLarge(of: { readonly path: string; readonly maxBytes: number }): VedetteError {
  return new VedetteError('config-invalid', `${of.path}: more than ${of.maxBytes} bytes, which is the limit`);
}
