/** A repository in a temporary folder with a key for each role, and small filters to publish in it. */
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';
import type { Signer } from '../../src/base/seams.js';
import { createRepository } from '../../src/node/publish/roles/root-ceremony.js';
import type { CreateRepositoryOptions, RepositoryRoles } from '../../src/node/publish/publishing.js';
import { buildContainer } from '../../src/pattern/container.js';
import { encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { encodeLists } from '../../src/pattern/lists-pattern.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { crypto, signerFrom } from '../pattern/fixtures.js';

export const startAt = 1_760_000_000_000;
export const hourMs = 3_600_000;
export const dayMs = 24 * hourMs;

export const keys = {
  root: [signerFrom(11), signerFrom(12), signerFrom(13)],
  targets: signerFrom(14),
  snapshot: signerFrom(15),
  timestamp: signerFrom(16),
  filter: signerFrom(17),
  lists: signerFrom(18),
  pattern: signerFrom(19),
} as const;

export const roles: RepositoryRoles = {
  root: { keys: keys.root.map(({ publicKey }) => publicKey), threshold: 2 },
  targets: { keys: [keys.targets.publicKey] },
  snapshot: { keys: [keys.snapshot.publicKey] },
  timestamp: { keys: [keys.timestamp.publicKey] },
  components: { filter: { keys: [keys.filter.publicKey] }, lists: { keys: [keys.lists.publicKey] } },
};

/** The keys of every hour: nobody needs root or targets. */
export const online: readonly Signer[] = [keys.filter, keys.lists, keys.snapshot, keys.timestamp];
export const everyKey: readonly Signer[] = [...keys.root, keys.targets, ...online];

const folders: string[] = [];

afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

export function temporaryRepository(): string {
  const dir = mkdtempSync(join(tmpdir(), 'vedette-publish-'));
  folders.push(dir);
  chmodSync(dir, 0o755);
  return dir;
}

/** A repository of filter and lists without anything in it. */
export async function newRepository(changes: Partial<CreateRepositoryOptions> = {}): Promise<string> {
  const dir = changes.dir ?? temporaryRepository();
  await createRepository({ dir, roles, signers: everyKey, now: startAt, ...changes });
  return dir;
}

/** A filter of `count` hashes, of which each generation has two others than the one before. */
export function filterOf(generation: number, options: { readonly count?: number; readonly signer?: Signer | undefined; readonly expiresAt?: number } = {}): Promise<Uint8Array> {
  const { count = 4000, expiresAt = startAt + 400 * dayMs } = options;
  const entries = Array.from({ length: count }, (_, i) => entryOf(2 * generation + i));
  const head = { kind: 'filter' as const, generation, createdAt: startAt + generation * hourMs, expiresAt, periodMs: hourMs };
  const signer = 'signer' in options ? options.signer : keys.pattern;
  return buildContainer({ head, sections: encodeFilter({ covers: generation, hostRule: 'psl', entries }), crypto, signer });
}

/** Lists of some rules, which compress well. */
export function listsOf(generation: number): Promise<Uint8Array> {
  const rules = Array.from({ length: 200 }, (_, i) => ({ id: `rule-${i + generation}`, effect: 'blocked' as const, keyword: `the same text again and again, number ${i}` }));
  const head = { kind: 'lists' as const, generation, createdAt: startAt, expiresAt: startAt + 400 * dayMs, periodMs: hourMs };
  return buildContainer({ head, sections: encodeLists(rules), crypto, signer: keys.pattern });
}

function entryOf(seed: number): HashEntry {
  const random = createSeededRandom(seed);
  const hash = Uint8Array.from({ length: 32 }, () => Math.floor(random() * 256));
  return { kind: 'file', algorithm: 'sha256', hash, disposition: 'malicious', threat: { name: 'Test.Listed', type: 'trojan' } };
}

/** Every file below a directory with its bytes as hex of their digest, sorted by path. */
export function tree(dir: string): Record<string, string> {
  const names = readdirSync(dir, { recursive: true, encoding: 'utf8' }).sort();
  const files = names.filter((name) => statSync(join(dir, name)).isFile());
  return Object.fromEntries(files.map((name) => [name, Buffer.from(crypto.sha256(readFileSync(join(dir, name)))).toString('hex')]));
}

/** A metadata file's content. */
export function metadata(dir: string, name: string): Record<string, unknown> & { readonly signed: Record<string, unknown> } {
  return JSON.parse(readFileSync(join(dir, 'metadata', name), 'utf8')) as never;
}

export function has(dir: string, path: string): boolean {
  return existsSync(join(dir, path));
}
