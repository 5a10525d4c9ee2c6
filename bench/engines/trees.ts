/**
 * Engines that go over a tree of files, for the first or the second time: `sha256sum`, a bare walk, `find`, and ours in
 * this process and as a program.
 */
import { execFile } from 'node:child_process';
import { lstatSync, readdirSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createNodeEngine } from '../../src/node/preset.js';
import { walk } from '../../src/node/walk/walk.js';
import type { Engine } from '../definition.js';
import { running, Unavailable } from '../definition.js';
import { filesPerFolder, type FileTree } from '../inputs/file-tree.js';

const exec = promisify(execFile);
const maxBuffer = 1024 * 1024 * 1024;

/** How they answer. */
export function treeAnswer(count: number): string {
  return `${count} clean files`;
}

/** Names and states of all files by the calls of Node that wait for nobody. */
export const bareWalk: Engine<FileTree> = {
  name: 'readdir + lstat',
  start: ({ folders }) => running({ run: (amount) => rootsOf(folders, amount).reduce((sum, folder) => sum + countIn(folder), 0), answer: treeAnswer }),
};

/** `checkAll(walk(…))` in a process that has seen every file before. */
export const secondScan: Engine<FileTree> = {
  name: 'vedette, second scan',
  async start({ folders, patterns }, { scratchDir }) {
    const dataDir = await mkdtemp(join(scratchDir, 'data-'));
    const engine = createNodeEngine({ dataDir, background: 'manual' }, { pattern: patterns });
    const scan = async (amount: number): Promise<number> => {
      let clean = 0;
      for await (const { verdict } of engine.checkAll(walk(rootsOf(folders, amount)))) {
        clean += verdict.disposition === 'clean' ? 1 : 0;
      }
      return clean;
    };
    await scan(folders.length * filesPerFolder);
    return running({
      run: scan,
      answer: treeAnswer,
      close: async () => {
        await engine.close();
        await rm(dataDir, { recursive: true, force: true });
      },
    });
  },
};

/** The program that lists what a scanner has to look at, as a whole process. */
export const find: Engine<FileTree> = {
  name: 'find -printf',
  async start({ folders }) {
    await exec('find', ['--version']).catch(() => {
      throw new Unavailable('find is not installed');
    });
    return running({
      run: async (amount) => (await exec('find', [...rootsOf(folders, amount), '-type', 'f', '-printf', '%s %T@ %C@ %i\\n'], { maxBuffer })).stdout,
      answer: (lines) => treeAnswer(lines.split('\n').length - 1),
    });
  },
};

/** The program that hashes what a scanner has to read, as few processes as the system allows. */
export const sha256sum: Engine<FileTree> = {
  name: 'sha256sum',
  async start({ folders }) {
    await exec('sha256sum', ['--version']).catch(() => {
      throw new Unavailable('sha256sum is not installed');
    });
    return running({
      run: async (amount) => (await exec('sh', ['-c', 'find "$@" -type f -print0 | xargs -0 sha256sum', 'sh', ...rootsOf(folders, amount)], { maxBuffer })).stdout,
      answer: (lines) => treeAnswer(lines.split('\n').length - 1),
    });
  },
};

/** `vedette scan` as a whole process that keeps nothing: it is the first one every time. */
export const firstCommand: Engine<FileTree> = {
  name: 'vedette scan, first',
  start: ({ folders, patternDir }, { program }) =>
    running({
      run: (amount) => scanText(program, [...rootsOf(folders, amount), '--pattern', patternDir]),
      answer: countedIn,
    }),
};

/** `vedette scan --data` with a new directory each time. */
export const firstDataCommand: Engine<FileTree> = {
  name: 'vedette scan --data, first',
  start({ folders, patternDir }, { scratchDir, program }) {
    const data = join(scratchDir, 'first-data');
    const forget = (): Promise<void> => rm(data, { recursive: true, force: true });
    return running({
      ready: forget,
      run: (amount) => scanText(program, [...rootsOf(folders, amount), '--pattern', patternDir, '--data', data]),
      answer: countedIn,
      close: forget,
    });
  },
};

/** `vedette scan --data` as a whole process, after one that has seen every file. */
export const secondCommand: Engine<FileTree> = {
  name: 'vedette scan --data, second',
  async start({ folders, patternDir }, { scratchDir, program }) {
    const data = await mkdtemp(join(scratchDir, 'command-'));
    const scan = (amount: number): Promise<string> => scanText(program, [...rootsOf(folders, amount), '--pattern', patternDir, '--data', data]);
    await scan(folders.length * filesPerFolder);
    return running({
      run: scan,
      answer: countedIn,
      close: () => rm(data, { recursive: true, force: true }),
    });
  },
};

async function scanText(program: string, args: readonly string[]): Promise<string> {
  return (await exec(process.execPath, [program, 'scan', ...args, '--quiet'], { maxBuffer })).stdout;
}

/** The number of files that the summary tells. */
function countedIn(text: string): string {
  return treeAnswer(Number(/checked\s+([\d,]+)/.exec(text)?.[1]?.replaceAll(',', '')));
}

function rootsOf(folders: readonly string[], amount: number): string[] {
  return folders.slice(0, amount / filesPerFolder);
}

function countIn(folder: string): number {
  let count = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      count += countIn(path);
    } else {
      count += lstatSync(path).isFile() ? 1 : 0;
    }
  }
  return count;
}
