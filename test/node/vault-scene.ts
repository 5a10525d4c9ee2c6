/** What the tests of the vault share: condemned files, and orders to put them away. */
import { createHash } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { ActionOutcome, CheckResult } from '../../src/base/check-result.js';
import type { Remedy } from '../../src/base/verdict.js';
import { fileLocator, type FilePath } from '../../src/node/files/file-path.js';
import type { VaultedFile, VaultItem } from '../../src/node/vault/item.js';
import { vaultId } from '../../src/node/vault/quarantine.js';
import type { Vault } from '../../src/node/vault/vault.js';

export const bad = 'inert marker of a bad file';
export const signal: AbortSignal = new AbortController().signal;
let count = 0;

export function sha256(content: string | Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

/** A directory of its own under `root` with one condemned file. */
export function condemn(root: string, name = 'bad.exe', content: string | Uint8Array = bad): { readonly dir: string; readonly path: string } {
  const dir = join(root, `case-${count++}`);
  mkdirSync(dir);
  writeFileSync(join(dir, name), content);
  return { dir, path: join(dir, name) };
}

export function resultOf(path: FilePath, remedy: Remedy = 'quarantine', change: Partial<CheckResult> = {}): CheckResult {
  return {
    id: 'r1',
    subject: { kind: 'file', label: String(path), locator: fileLocator(path) },
    sha256: sha256(bad),
    verdict: { disposition: 'malicious', threats: [{ name: 'Test.Marker', type: 'test', detail: { much: 1 } }], source: 'query', generations: {} },
    decision: { access: 'block', remedy },
    occasion: 'late',
    pending: { kind: 'none' },
    members: [],
    trace: [],
    ...change,
  };
}

/** Puts a file away; gives its id and what was said. */
export async function putAway(vault: Vault, path: FilePath, how: { readonly key: string; readonly content?: string | Uint8Array }): Promise<{ readonly id: string; readonly outcome: ActionOutcome }> {
  const digest = sha256(how.content ?? bad);
  const outcome = await vault.apply(resultOf(path, 'quarantine', { sha256: digest }), { key: how.key, signal });
  return { id: vaultId(how.key, digest, fileLocator(path)), outcome };
}

export async function itemsOf(vault: Vault): Promise<VaultItem[]> {
  const items: VaultItem[] = [];
  for await (const item of vault.list()) {
    items.push(item);
  }
  return items;
}

/** The one item of a vault that holds one. */
export async function onlyItem(vault: Vault): Promise<VaultedFile> {
  const [item, ...others] = await itemsOf(vault);
  if (item === undefined || item.state === 'damaged' || others.length > 0) {
    throw new Error(`expected one item, got ${JSON.stringify([item, ...others])}`);
  }
  return item;
}

export async function contentOf(vault: Vault, id: string): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of await vault.open(id)) {
    parts.push(part as Buffer);
  }
  return Buffer.concat(parts);
}
