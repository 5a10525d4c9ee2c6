/** Trees: what a scan costs that has never seen them, and what it costs when nothing has changed since the last one. */
import type { Amounts, Definition } from '../definition.js';
import { bareWalk, find, firstCommand, firstDataCommand, secondCommand, secondScan, sha256sum, treeAnswer } from '../engines/trees.js';
import { filesPerFolder, makeFileTree, type FileTree } from '../inputs/file-tree.js';

/** Whole processes that have never seen the tree. */
export const treeFirstCommand: Definition<FileTree> = {
  ...common(),
  name: 'tree-first-command',
  title: () => 'a tree scanned for the first time, whole processes',
  baseline: 'sha256sum',
  analysis:
    'sha256sum opens, reads and hashes each file, all of which are small and in the page cache; a scan has to do that too. ' +
    'Ours searches each content besides, as bytes and as normalised text, judges it by lists, agent pattern and filter, and ' +
    'begins as a new process of Node. With --data it also keeps what every file was, on disk.',
  engines: [sha256sum, firstCommand, firstDataCommand],
  // What a process costs to start would be taken for the cost of a file.
  amounts: wholeTree,
};

/** In one process. */
export const treeAgain: Definition<FileTree> = {
  ...common(),
  name: 'tree-again',
  title: () => 'an unchanged tree scanned again, in one process',
  baseline: 'readdir + lstat',
  analysis:
    'Names and states have to be read to know that nothing changed: the baseline does that and nothing else. Ours ' +
    'also compares each state with what was kept, judges what was kept with the patterns of today, and gives a result for each file.',
  engines: [bareWalk, secondScan],
};

/** Whole processes. */
export const treeAgainCommand: Definition<FileTree> = {
  ...common(),
  name: 'tree-again-command',
  title: () => 'an unchanged tree scanned again, whole processes',
  baseline: 'find -printf',
  analysis:
    'find prints size, times and inode of each file. Ours begins as a new process: Node itself, the program, the stores ' +
    'and the patterns are loaded before the first file, and the summary comes after the last.',
  engines: [find, secondCommand],
  // What a process costs to start would be taken for the cost of a file.
  amounts: wholeTree,
};

function wholeTree({ folders }: FileTree): Amounts {
  return { probe: folders.length * filesPerFolder, steps: [folders.length * filesPerFolder] };
}

function common(): Pick<Definition<FileTree>, 'unit' | 'clock' | 'prepare' | 'amounts' | 'expected' | 'host'> {
  return {
    unit: { name: 'files', per: 1 },
    clock: 'wall',
    prepare: ({ size, scratchDir }) => makeFileTree(scratchDir, filesPerFolder * (size === 'full' ? 100 : 1)),
    amounts: ({ folders }) => ({ probe: filesPerFolder, steps: [folders.length * filesPerFolder] }),
    expected: (_, amount) => treeAnswer(amount),
    host: () => undefined,
  };
}
