/**
 * What a server of millions of records is started on: a signed server pattern made from numbers, the next generation as a
 * delta, the key of both, and a data directory into which the pattern was imported. Made once and kept.
 */
import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { generateKeyPair, signerFromPem } from '../../src/node/node-keys.js';
import { importServerPattern } from '../../src/node/server-store/import-server-pattern.js';
import { makeDelta } from '../../src/update/delta/make-delta.js';
import { writeSyntheticPattern } from './synthetic-pattern.js';

/** How much is listed. */
export interface ServerSize {
  readonly records: number;
  readonly names: number;
  /** A delta removes one record of so many and adds as many others. */
  readonly replaced: number;
}

/** 10⁷ records under 5,000 names; 50,000 are removed and 50,000 added by an hour's delta. */
export const fullServer: ServerSize = { records: 10_000_000, names: 5_000, replaced: 200 };
/** To see that everything runs. */
export const quickServer: ServerSize = { records: 20_000, names: 50, replaced: 200 };

/** Files in one folder. */
export interface ServerFiles extends ServerSize {
  /** A data directory for `serve --data`. */
  readonly data: string;
  /** Generation 1. */
  readonly pattern: string;
  /** From generation 1 to 2. */
  readonly delta: string;
  /** The key of the patterns, and of answers: private, and public as raw bytes. */
  readonly key: string;
  readonly publicKey: Uint8Array;
}

/** The folder of the server's store in a data directory. */
export function storeDir(data: string): string {
  return join(data, 'server');
}

/** The files of this size, made where they are not there. */
export async function serverFiles(dataDir: string, size: ServerSize): Promise<ServerFiles> {
  const dir = join(dataDir, `server-${size.records}`);
  mkdirSync(dir, { recursive: true });
  const names = { data: join(dir, 'data'), pattern: join(dir, 'one.vsp'), delta: join(dir, 'two.delta'), key: join(dir, 'key.pem') };
  if (!existsSync(names.key)) {
    writeFileSync(names.key, generateKeyPair().privateKeyPem, { mode: 0o600 });
  }
  const signer = signerFromPem(readFileSync(names.key, 'utf8'));
  const files = { ...size, ...names, publicKey: signer.publicKey };
  if (!existsSync(names.delta)) {
    await writeGenerations(files);
  }
  if (!existsSync(join(storeDir(names.data), 'current.json'))) {
    await importServerPattern({ file: names.pattern, dir: storeDir(names.data), crypto: createNodeCrypto(), trust: [signer.publicKey] });
  }
  return files;
}

/** The delta comes last and whole: where it is, everything is. */
async function writeGenerations({ records, names, replaced, pattern, delta, key }: ServerFiles): Promise<void> {
  const signer = signerFromPem(readFileSync(key, 'utf8'));
  const createdAt = 1_700_000_000_000;
  const second = `${pattern}.next`;
  await writeSyntheticPattern(pattern, { records, names, generation: 1, signer, createdAt });
  await writeSyntheticPattern(second, { records, names, generation: 2, signer, createdAt: createdAt + 3_600_000, replaced });
  const bytes = makeDelta(readFileSync(pattern), readFileSync(second), { crypto: createNodeCrypto() });
  writeFileSync(`${delta}.new`, bytes);
  renameSync(`${delta}.new`, delta);
  rmSync(second);
}
