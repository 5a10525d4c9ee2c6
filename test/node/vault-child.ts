/**
 * A process that puts files away for as long as it lives, two at a time, and gives every other one back. Arguments: the
 * directory of the files, the vault. It says `ready`, and at the end `over`; a line in between for every file.
 */
import { readdirSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { createVault } from '../../src/node/vault/create-vault.js';
import { putAway, sha256 } from './vault-scene.js';

const [files = '', dir = ''] = process.argv.slice(2);
const vault = createVault({ dir });
const waiting = readdirSync(files).filter((name) => /^\d+$/.test(name));
say('ready');
await Promise.all([work(), work()]);
say('over');

async function work(): Promise<void> {
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const content = `inert content of file ${name}`.repeat(1000);
    const { id } = await putAway(vault, join(files, name), { key: name, content });
    if (Number(name) % 2 === 0) {
      await vault.restore(id).catch(() => undefined);
    }
    say(`${name} ${sha256(content)}`);
  }
}

function say(line: string): void {
  writeSync(1, `${line}\n`);
}
