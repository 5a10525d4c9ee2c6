/**
 * Whether a cache file may be opened in this process. One flipped bit in a page of lmdb ends whoever maps it, in a
 * quarter of cases, so a file is opened here only when it is bit for bit what was closed in order; when it is not (the
 * last process was killed, the disk is damaged), a child process walks through all of it first.
 */
import { spawn } from 'node:child_process';
import { open, readFile, rm, writeFile } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { errnoOf } from '../files/durable-files.js';
import { environmentOptions, lmdbAddress, tableOptions } from '../lmdb.js';

/** What a look at a file came to. */
export type Soundness = { readonly kind: 'new' | 'sound' } | { readonly kind: 'damaged'; readonly detail: string };

/** Beyond this size a file is always walked through. */
const maxSummedBytes = 1 << 30;
const chunkBytes = 1 << 20;
const probeMs = 30_000;

/** The note beside a file that was closed in order: its size and CRC-32. */
function sumFile(file: string): string {
  return `${file}.sum`;
}

/** Says what the file is. */
export async function soundnessOf(file: string): Promise<Soundness> {
  const sum = await sumOf(file);
  if (sum === undefined) {
    return { kind: 'new' };
  }
  const noted = await readFile(sumFile(file), 'latin1').catch(() => '');
  return noted === sum ? { kind: 'sound' } : probe(file);
}

/** Notes that the file is as it should be. Best effort: without the note the next opening takes longer. */
export async function noteSum(file: string): Promise<void> {
  const sum = await sumOf(file);
  if (sum !== undefined) {
    await writeFile(sumFile(file), sum, { mode: 0o600 });
  }
}

/** Before the file is opened: what is noted of it holds no longer. */
export async function dropSum(file: string): Promise<void> {
  await rm(sumFile(file), { force: true });
}

/** `size crc32`, or undefined without a file or for an empty one. A file that is too long has a sum that nothing equals. */
async function sumOf(file: string): Promise<string | undefined> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    if (errnoOf(error) === 'ENOENT') {
      return undefined;
    }
    throw error;
  });
  if (handle === undefined) {
    return undefined;
  }
  try {
    const { size } = await handle.stat();
    if (size === 0 || size > maxSummedBytes) {
      return size === 0 ? undefined : `${size} unknown ${Math.random()}`;
    }
    const chunk = Buffer.allocUnsafe(chunkBytes);
    let crc = 0;
    for (let at = 0; ; ) {
      const { bytesRead } = await handle.read(chunk, 0, chunkBytes, at);
      if (bytesRead === 0) {
        return `${at} ${crc.toString(16)}`;
      }
      crc = crc32(chunk.subarray(0, bytesRead), crc);
      at += bytesRead;
    }
  } finally {
    await handle.close();
  }
}

/** Reads every record of every table and writes one: what a damaged page does, it does to the child. */
const probeScript = `
const [file, address, options, tableOptions] = process.argv.slice(1);
const { open } = await import(address);
const root = open({ path: file, ...JSON.parse(options) });
const names = [...root.getKeys({})].map((key) => Buffer.from(key).toString('latin1'));
let bytes = 0;
for (const name of names) {
  const table = root.openDB({ name, ...JSON.parse(tableOptions) });
  for (const { key, value } of table.getRange({})) bytes += key.length + value.length;
}
const scratch = root.openDB({ name: 'notes', ...JSON.parse(tableOptions) });
await root.transaction(() => { scratch.put(Buffer.from('probe'), Buffer.alloc(65536)); scratch.remove(Buffer.from('probe')); });
await root.close();
`;

/** Walks through the file in a process of its own. A system that starts none says so: then nobody knows. */
export async function probe(file: string): Promise<Soundness> {
  const args = ['--input-type=module', '-e', probeScript, '--', file, lmdbAddress(), JSON.stringify(environmentOptions), JSON.stringify(tableOptions)];
  return new Promise((resolve) => {
    try {
      const child = spawn(process.execPath, args, {
        stdio: 'ignore',
        timeout: probeMs,
        killSignal: 'SIGKILL',
        env: { ...process.env, ELECTRON_RUN_AS_NODE: '1', NODE_OPTIONS: '' },
      });
      child.once('error', (error) => resolve({ kind: 'damaged', detail: `cannot be looked at: ${error.message}` }));
      child.once('exit', (code, signal) =>
        resolve(code === 0 ? { kind: 'sound' } : { kind: 'damaged', detail: signal === null ? `reading it failed (${code ?? 'no'} status)` : `reading it ended a process (${signal})` }),
      );
    } catch (error) {
      resolve({ kind: 'damaged', detail: `cannot be looked at: ${error instanceof Error ? error.message : String(error)}` });
    }
  });
}
