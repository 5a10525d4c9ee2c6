import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { StateStore } from '../../src/base/seams.js';
import { createFileStateStore } from '../../src/node/files/file-state-store.js';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { describeStateStore } from '../../src/testing.js';

describeStateStore({ describe, it }, { name: 'memory state', create: createMemoryState });

const folders = new WeakMap<StateStore, string>();

function open(dir: string): StateStore {
  const store = createFileStateStore({ dir });
  folders.set(store, dir);
  return store;
}

describeStateStore({ describe, it }, {
  name: 'file state store',
  create: () => open(mkdtempSync(join(tmpdir(), 'vedette-state-'))),
  reopen: (store) => open(folders.get(store) ?? ''),
  dispose: (store) => rmSync(folders.get(store) ?? '', { recursive: true, force: true }),
});
