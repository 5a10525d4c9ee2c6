/** Whether a server pattern that is named beside a data directory has to be imported, told from its head alone. */
import { open } from 'node:fs/promises';
import { headShape } from '../../pattern/container-format.js';
import { readCurrent } from '../../node/server-store/generation-files.js';
import { openServerStore } from '../../node/server-store/open-server-store.js';
import { contentId } from '../../update/delta/component-file.js';
import { refusedFile } from '../input/patterns.js';

const maxHeadBytes = 8192;

/** False when the store holds this very file already. @throws VedetteError `pattern-refused`, naming the file. */
export async function needsImport(file: string, dir: string): Promise<boolean> {
  const current = await readCurrent(dir).catch(() => undefined);
  if (current === undefined) {
    return true;
  }
  const head = await readHead(file);
  const store = await openServerStore({ dir }).catch(() => undefined);
  if (store === undefined) {
    return true;
  }
  const { origin } = store;
  await store.close();
  try {
    headShape(head);
    return contentId(head) !== origin.contentId;
  } catch (error) {
    throw refusedFile(file, error);
  }
}

async function readHead(file: string): Promise<Uint8Array> {
  const handle = await open(file, 'r').catch((error: unknown) => {
    throw refusedFile(file, error);
  });
  try {
    const bytes = new Uint8Array(maxHeadBytes);
    const { bytesRead } = await handle.read(bytes, 0, maxHeadBytes, 0);
    return bytes.subarray(0, bytesRead);
  } finally {
    await handle.close();
  }
}
