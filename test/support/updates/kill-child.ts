/**
 * A process that updates a data directory and is to be killed: says `ready` when it begins, and what came of it at the end.
 * `KILL_AT=n` makes it kill itself at the n-th call that changes the disk; `SABOTAGE=torn` writes the file that says
 * what is in use in place.
 */
import fs from 'node:fs';
import fsPromises from 'node:fs/promises';
import { syncBuiltinESMExports } from 'node:module';
import { join } from 'node:path';

const orders = JSON.parse(process.argv[2] ?? '{}') as { readonly dir: string; readonly url: string; readonly root: string; readonly key: string };
const killAt = Number(process.env['KILL_AT'] ?? Number.POSITIVE_INFINITY);
const isTorn = process.env['SABOTAGE'] === 'torn';
let calls = 0;

/** Every other call dies after it was made, so that both sides of each are met. */
function count<T>(work: () => T): T {
  if (++calls >= killAt) {
    if (calls % 2 === 0) {
      work();
    }
    process.kill(process.pid, 'SIGKILL');
    for (;;) {
      // The signal is on its way.
    }
  }
  return work();
}

/** The function behind a name, called by way of `count`; the built-in modules are objects of functions. */
function counted(module: object, name: string): void {
  const original: unknown = Reflect.get(module, name);
  if (typeof original === 'function') {
    Reflect.set(module, name, (...args: unknown[]): unknown => count(() => Reflect.apply(original, module, args) as unknown));
  }
}

for (const name of ['writeSync', 'write', 'fdatasync', 'writeFileSync']) {
  counted(fs, name);
}
for (const name of ['rename', 'rm', 'mkdir', 'mkdtemp', 'writeFile']) {
  counted(fsPromises, name);
}
if (isTorn) {
  const { rename } = fsPromises;
  Reflect.set(fsPromises, 'rename', async (from: string, to: string) => {
    if (!to.includes('generations')) {
      return rename(from, to);
    }
    // Not atomic: the old file is gone before the new one is whole.
    const bytes = fs.readFileSync(from);
    fs.writeFileSync(to, bytes.subarray(0, 20));
    fs.writeFileSync(to, bytes);
    return fsPromises.rm(from);
  });
}
syncBuiltinESMExports();

const { createDirectoryHost } = await import('../../../src/node/update/directory-host.js');
const { openGenerationStore } = await import('../../../src/node/update/generation-store.js');
const { createUpdater } = await import('../../../src/node/update/updater.js');
const { createSystemClock } = await import('../../../src/preset/system-seams.js');
const { parsePublicKey } = await import('../../../src/protocol/keys.js');

const clock = createSystemClock();
const store = openGenerationStore({ dir: join(orders.dir, 'patterns'), clock });
const host = createDirectoryHost({ dataDir: orders.dir, store, clock, trust: [parsePublicKey(orders.key)] });
const updater = createUpdater({ store, root: orders.root, sources: [{ url: orders.url, scope: 'customer' }], clock });
fs.writeSync(1, 'ready\n');
const report = await updater.look({ components: ['agent-pattern', 'filter'], waitMs: 5_000, install: (containers) => host.install(containers) });
fs.writeSync(1, `${JSON.stringify({ ended: report.kind, refused: report.refused, calls })}\n`);
