/** `vedette quarantine`: the vault of a data directory: shown, given back, emptied. */
import { VedetteError } from '../../base/errors.js';
import type { VaultItem } from '../../node/vault/item.js';
import type { Vault } from '../../node/vault/vault.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import { assertDataDirectory, vaultOf } from '../input/vault.js';
import { outputOptions } from '../output/options.js';
import { counted, printable, sized } from '../output/text.js';
import { vaultLines, vaultRecord } from '../output/items/vault-item.js';

const options = {
  data: { kind: 'text', value: 'DIR', help: 'the data directory with the vault', required: true },
  json: outputOptions.json,
} as const;

/** Everything that is held. */
export const quarantineListCommand: Command = defineCommand({
  name: 'quarantine list',
  summary: 'show what is in quarantine',
  options,
  async run({ options: { data, json }, io }) {
    await assertDataDirectory(data);
    const items = await itemsOf(vaultOf(data));
    for (const item of items) {
      for (const line of json ? [JSON.stringify(vaultRecord(item))] : vaultLines(item, io)) {
        await io.line(line);
      }
    }
    const bytes = items.reduce((sum, { size }) => sum + size, 0);
    const damaged = items.filter(({ state }) => state === 'damaged').length;
    const sums = items.length === 0 ? 'nothing is in quarantine' : `${counted(items.length, 'file')} (${sized(bytes)})`;
    await io.line(json ? JSON.stringify({ kind: 'summary', items: items.length, bytes, damaged }) : sums);
    return exitClean;
  },
});

/** Back to where it was. */
export const quarantineRestoreCommand: Command = defineCommand({
  name: 'quarantine restore',
  summary: 'put a file back',
  argument: { name: 'ID', count: 'one' },
  options: {
    ...options,
    approve: { kind: 'switch', help: 'approve the content, so that it is not caught again' },
    to: { kind: 'text', value: 'PATH', help: 'where it goes (where it was)' },
  },
  notes: 'ID is an id of `quarantine list`, or its first digits. Nothing is ever overwritten.',
  async run({ args, options: { data, json, approve, to }, io }) {
    await assertDataDirectory(data);
    const vault = vaultOf(data);
    const id = await idOf(vault, args[0] ?? '');
    const path = await vault.restore(id, { approve, to }).catch((error: unknown) => {
      throw withHint(error, to);
    });
    const said = approve ? `restored ${path}, its content is approved` : `restored ${path}`;
    await io.line(json ? JSON.stringify({ kind: 'restored', id, path, approved: approve }) : printable(said));
    return exitClean;
  },
});

const dayMs = 86_400_000;

/** Gone for good. */
export const quarantinePurgeCommand: Command = defineCommand({
  name: 'quarantine purge',
  summary: 'delete what is in quarantine for good',
  argument: { name: 'ID', count: 'any' },
  options: {
    ...options,
    olderThan: { kind: 'whole', value: 'DAYS', min: 0, max: 36_500, help: 'only what has been there for more than DAYS days' },
    maxBytes: { kind: 'whole', value: 'BYTES', min: 0, max: Number.MAX_SAFE_INTEGER, help: 'then the oldest, until the rest is no more than BYTES' },
  },
  notes: 'Without ID, --older-than and --max-bytes everything goes. What cannot be opened is deleted as well.',
  async run({ args, options: { data, json, olderThan, maxBytes }, io }) {
    if (args.length > 0 && (olderThan !== undefined || maxBytes !== undefined)) {
      throw new VedetteError('config-invalid', 'give ids, or --older-than and --max-bytes');
    }
    await assertDataDirectory(data);
    const olderThanMs = olderThan === undefined ? undefined : olderThan * dayMs;
    const vault = vaultOf(data);
    const items = args.length > 0 ? await removeAll(vault, args) : await vault.purge({ olderThanMs, maxBytes });
    await io.line(json ? JSON.stringify({ kind: 'purged', items }) : `purged ${counted(items, 'file')}`);
    return exitClean;
  },
});

/** All ids are looked up before anything is deleted. @returns how many there were. */
async function removeAll(vault: Vault, digits: readonly string[]): Promise<number> {
  const ids: string[] = [];
  for (const one of digits) {
    ids.push(await idOf(vault, one));
  }
  let count = 0;
  for (const id of new Set(ids)) {
    if (!(await vault.remove(id))) {
      throw new VedetteError('unsupported', `${id}: nothing in quarantine has this id`);
    }
    count++;
  }
  return count;
}

/** The oldest first. */
async function itemsOf(vault: Vault): Promise<VaultItem[]> {
  const items: VaultItem[] = [];
  for await (const item of vault.list()) {
    items.push(item);
  }
  return items.sort((a, b) => a.quarantinedAt - b.quarantinedAt);
}

const leastDigits = 4;

/** The one id that begins with these digits; a whole one is left to the vault. */
async function idOf(vault: Vault, digits: string): Promise<string> {
  if (!/^[0-9a-f]{4,31}$/.test(digits)) {
    return digits;
  }
  const ids = (await itemsOf(vault)).map(({ id }) => id).filter((id) => id.startsWith(digits));
  const [only] = ids;
  if (only === undefined || ids.length > 1) {
    const found = only === undefined ? 'nothing' : `${ids.length} files`;
    throw new VedetteError('unsupported', `${digits}: ${found} in quarantine with an id that begins so (at least ${leastDigits} digits)`);
  }
  return only;
}

const hints: Readonly<Record<string, string>> = { taken: '--to PATH', moved: '--to PATH', gone: '--to PATH', owner: '--to PATH' };

/** Says which option is meant. */
function withHint(error: unknown, to: string | undefined): unknown {
  const why = VedetteError.is(error) && typeof error.detail === 'object' && error.detail !== null && 'why' in error.detail ? error.detail['why'] : undefined;
  const hint = typeof why === 'string' && to === undefined ? hints[why] : undefined;
  return VedetteError.is(error) && hint !== undefined ? new VedetteError(error.code, `${error.message} (${hint})`, { detail: error.detail }) : error;
}
