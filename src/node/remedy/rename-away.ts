/** Renaming the condemned file so that nothing runs it by its name: `.vir`, `.vir.1`, … never over another file. */
import type { FilePath } from '../files/file-path.js';
import type { Condemned } from './condemned.js';
import type { PinnedDirectory } from './pinned-directory.js';
import { giveName, setAside, type Moved } from './verified-move.js';

const maxTries = 1000;
/** Longest name on every usual file system. */
const maxNameBytes = 255;

/** Moves it to the first free name, or leaves everything as it was. `hidden` is its name for a moment. */
export async function renameAway(condemned: Condemned, hidden: FilePath): Promise<Moved> {
  const moved = await setAside(condemned, hidden);
  return moved.kind === 'moved' ? nameAside(condemned.dir, hidden, condemned.name) : moved;
}

/** Names what was set aside after `name`. When no name is free, it gets its own back. */
export async function nameAside(dir: PinnedDirectory, hidden: FilePath, name: FilePath): Promise<Moved> {
  for (let count = 0; count < maxTries; count++) {
    if (await giveName(dir, hidden, withSuffix(name, count === 0 ? '.vir' : `.vir.${count}`))) {
      await dir.sync();
      return { kind: 'moved' };
    }
  }
  if (!(await giveName(dir, hidden, name))) {
    return { kind: 'astray', detail: `${maxTries} names are taken; the file is ${dir.shown(hidden)}` };
  }
  throw Object.assign(new Error(`EEXIST: ${maxTries} names after ${dir.shown(name)} are taken`), { code: 'EEXIST' });
}

/** The name with a suffix, cut where the two together would be too long for a file system. */
export function withSuffix(name: FilePath, suffix: string): FilePath {
  const bytes = Buffer.from(name);
  const room = maxNameBytes - Buffer.byteLength(suffix);
  if (typeof name !== 'string') {
    return Buffer.concat([bytes.subarray(0, room), Buffer.from(suffix)]);
  }
  // A character that is cut through goes as a whole.
  return bytes.length <= room ? name + suffix : bytes.toString('utf8', 0, room).replace(/\ufffd+$/, '') + suffix;
}
