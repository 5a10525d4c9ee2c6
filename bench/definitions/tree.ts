/** Trees: what a scan costs when nothing has changed since the last one. */
import type { Definition } from '../definition.js';
import { bareWalk, find, secondCommand, secondScan, treeAnswer } from '../engines/trees.js';
import { filesPerFolder, makeFileTree, type FileTree } from '../inputs/file-tree.js';

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
  amounts: ({ folders }) => ({ probe: folders.length * filesPerFolder, steps: [folders.length * filesPerFolder] }),
};

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
