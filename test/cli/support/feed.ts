/** A compiled feed for the tests of the program: inert markers, hashes and URLs, each known by one layer. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Ended } from './ended.js';
import { temporaryFolder } from './folders.js';

/** Runs one command line, in this process or in another. */
export type Runner = (args: readonly string[]) => Promise<Ended>;

export const marker = 'vedette-e2e-marker-in-every-local-find';
export const localName = 'Test.Local.Marker';
export const remoteContent = 'content that only the server knows\n';
export const remoteName = 'Test.Remote.Sha256';
export const md5Content = 'content that is listed by MD5 and size\n';
export const md5Name = 'Test.Remote.Md5';
export const approvedContent = `approved although it holds ${marker}\n`;
export const badUrl = 'http://malware.example/bad/file.exe';

/** Content number n of those that only the server knows. */
export function numberedContent(n: number): string {
  return `server-only content number ${n}\n`;
}

export function numberedName(n: number): string {
  return `Test.Numbered.${n}`;
}

const hashOf = (algorithm: string, content: string): string => createHash(algorithm).update(content).digest('hex');

/** Where the compiled feed lies. */
export interface Feed {
  readonly sources: readonly string[];
  readonly out: string;
  readonly serverPattern: string;
  readonly keyFile: string;
  readonly publicKeyFile: string;
}

/** Writes the sources, compiles them unsigned, and makes a key pair that is not used yet. */
export async function compileFeed(
  run: Runner,
  options: { readonly numbered?: number; readonly signed?: boolean } = {},
): Promise<Feed> {
  const folder = temporaryFolder('feed');
  const sources = writeSources(join(folder, 'sources'), options.numbered ?? 0);
  const out = join(folder, 'out');
  const keys = join(folder, 'keys');
  await succeed(run, ['keygen', '--out', keys]);
  const keyFile = join(keys, 'vedette.key');
  await succeed(run, ['compile', ...sources, '--out', out, ...(options.signed === true ? ['--key', keyFile] : [])]);
  return { sources, out, serverPattern: join(out, 'server.vsp'), keyFile, publicKeyFile: join(keys, 'vedette.pub') };
}

function writeSources(dir: string, numbered: number): string[] {
  mkdirSync(dir, { recursive: true });
  const numbers = Array.from({ length: numbered }, (_, n) => {
    const content = numberedContent(n);
    return `${hashOf('sha256', content)}:${content.length}:${numberedName(n)}`;
  });
  const files: Record<string, string> = {
    'local.ndb': `${localName}:0:*:${Buffer.from(marker).toString('hex')}\nTest.Local.Second:0:*:${Buffer.from('in-every-local-find').toString('hex')}\n`,
    'remote.hsb': [`${hashOf('sha256', remoteContent)}:${remoteContent.length}:${remoteName}`, ...numbers].join('\n'),
    'remote.hdb': `${hashOf('md5', md5Content)}:${md5Content.length}:${md5Name}\n`,
    'approved.sfp': `${hashOf('sha256', approvedContent)}:${approvedContent.length}:Test.Approved\n`,
    'urls.txt': `${badUrl}\n`,
  };
  return Object.entries(files).map(([name, text]) => {
    writeFileSync(join(dir, name), text);
    return name.endsWith('.txt') ? `urls:${join(dir, name)}` : join(dir, name);
  });
}

async function succeed(run: Runner, args: readonly string[]): Promise<void> {
  const ended = await run(args);
  if (ended.code !== 0) {
    throw new Error(`vedette ${args.join(' ')}: ${ended.stderr}`);
  }
}
