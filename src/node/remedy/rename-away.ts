/** Renaming the condemned file so that nothing runs it by its name: `.vir`, `.vir.1`, … never over another file. */
import type { FilePath } from '../file-path.js';
import type { Condemned } from './condemned.js';
import { moveCondemned, placehold, type Moved } from './verified-move.js';

const maxTries = 1000;
/** Longest name on every usual file system. */
const maxNameBytes = 255;

/** Moves it to the first free name, or leaves everything as it was. */
export async function renameAway(condemned: Condemned): Promise<Moved> {
  for (let count = 0; count < maxTries; count++) {
    const target = { dir: condemned.dir, name: withSuffix(condemned.name, count === 0 ? '.vir' : `.vir.${count}`) };
    const placeholder = await placehold(target);
    if (placeholder === undefined) {
      continue;
    }
    try {
      return await moveCondemned(condemned, target);
    } finally {
      await placeholder.release();
      await condemned.dir.sync();
    }
  }
  throw Object.assign(new Error(`${maxTries} names are taken`), { code: 'EEXIST' });
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
