/** The components of the pattern bench and the same signatures as files of ClamAV, in a folder of the bench. */
import { mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { compileSources } from '../../src/compile/compile.js';
import type { CompileSource } from '../../src/compile/read-sources.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { seededHashes } from '../inputs/hashes.js';
import { ndbOf } from '../inputs/signature-text.js';
import type { BenchSignature } from '../inputs/signature-set.js';

/** Files of one set. */
export interface SetOfFiles {
  readonly what: string;
  /** The component that vedette loads. */
  readonly component: string;
  readonly componentBytes: number;
  /** The same for clamscan. */
  readonly source: string;
  readonly sourceBytes: number;
  /** Hex of bytes that the first signature matches. */
  readonly instance?: string;
}

/** The components of nothing, to be taken off. */
export interface EmptyFiles {
  readonly agent: string;
  readonly filter: string;
  /** One signature: clamscan loads no empty file. */
  readonly source: string;
}

const settings = { generation: 1, createdAt: 1_700_000_000_000, hostRule: 'labels5' } as const;

/** Writes components without entries. */
export async function emptyFiles(folder: string): Promise<EmptyFiles> {
  mkdirSync(folder, { recursive: true });
  const { agent, filter } = await compiled([]);
  return {
    agent: written(folder, 'empty.agent', agent),
    filter: written(folder, 'empty.filter', filter),
    source: written(folder, 'one.ndb', Buffer.from(`Bench.One:0:*:${'5a'.repeat(3)}${'a55ac33c'.repeat(4)}\n`)),
  };
}

/** An agent pattern of byte signatures. */
export async function agentFiles(folder: string, { signatures, instance }: { readonly signatures: readonly BenchSignature[]; readonly instance: Buffer }): Promise<SetOfFiles> {
  const text = ndbOf(signatures);
  const { agent, report } = await compiled([{ name: 'bench.ndb', format: 'ndb', text }]);
  if (report.counts.signatures !== signatures.length) {
    throw new Error(`compiled ${report.counts.signatures} of ${signatures.length} signatures`);
  }
  return setOf(folder, { what: `${signatures.length.toLocaleString('en')} byte signatures`, component: ['bench.agent', agent], source: ['bench.ndb', text], instance: instance.toString('hex') });
}

/** A filter of hashes. */
export async function filterFiles(folder: string, count: number): Promise<SetOfFiles> {
  const text = seededHashes(7, count)
    .map((hash, i) => `${Buffer.from(hash).toString('hex')}:*:Bench.${i}:73\n`)
    .join('');
  const { filter } = await compiled([{ name: 'bench.hsb', format: 'hsb', text }]);
  return setOf(folder, { what: `${count.toLocaleString('en')} SHA-256`, component: ['bench.filter', filter], source: ['bench.hsb', text] });
}

function compiled(sources: readonly CompileSource[]): ReturnType<typeof compileSources> {
  return compileSources(sources, { ...settings, crypto: createNodeCrypto() });
}

function setOf(
  folder: string,
  { what, component, source, instance }: { readonly what: string; readonly component: [string, Uint8Array]; readonly source: [string, string]; readonly instance?: string },
): SetOfFiles {
  const [componentFile, sourceFile] = [written(folder, ...component), written(folder, source[0], Buffer.from(source[1]))];
  return {
    what,
    component: componentFile,
    componentBytes: statSync(componentFile).size,
    source: sourceFile,
    sourceBytes: statSync(sourceFile).size,
    ...(instance === undefined ? {} : { instance }),
  };
}

function written(folder: string, name: string, bytes: Uint8Array): string {
  const file = join(folder, name);
  writeFileSync(file, bytes);
  return file;
}
