/**
 * What a host can pass on of a repository: the metadata that it has verified, and of the files that these name those that it
 * has. Paths are made from verified metadata and looked up as a whole; none is ever put together from what was asked for.
 */
import { toUtf8 } from '../../../base/bytes.js';
import type { ComponentKind } from '../../../pattern/container-format.js';
import { componentKinds } from '../../../pattern/container-format.js';
import type { KeptMetadata } from '../fetch/metadata-text.js';

/** A file of the store, by the SHA-256 of its content. */
export interface StoredFile {
  readonly kind: 'stored';
  readonly sha256: string;
  readonly length: number;
}

/** One thing that can be asked for. `isLasting`: it never changes under its name. */
export type RelayedFile = StoredFile | { readonly kind: 'text'; readonly bytes: Uint8Array; readonly isLasting: boolean };

/** By path, as in a repository: `metadata/timestamp.json`, `targets/filter/DIGEST.full.vdt`. */
export type RelayCatalogue = ReadonlyMap<string, RelayedFile>;

/** The catalogue. `isThere`: whether the store has a file of that digest. Pure. */
export function relayCatalogue(metadata: KeptMetadata, isThere: (sha256: string) => boolean): RelayCatalogue {
  const { root, roots = [], roles } = metadata;
  const files = new Map<string, RelayedFile>();
  for (const text of [...roots, root]) {
    files.set(`metadata/${versionOf(text)}.root.json`, textFile(text, true));
  }
  const isConsistent = signedOf(root)['consistent_snapshot'] === true;
  for (const [role, text] of Object.entries(roles)) {
    const name = role === 'timestamp' || !isConsistent ? `${role}.json` : `${versionOf(text)}.${role}.json`;
    files.set(`metadata/${name}`, textFile(text, role !== 'timestamp' && isConsistent));
    for (const [path, file] of rolesComponent(role) === undefined ? [] : targetsOf(text)) {
      if (isThere(file.sha256)) {
        files.set(`targets/${isConsistent ? withDigest(path, file.sha256) : path}`, file);
      }
    }
  }
  return files;
}

/** Digests of all files that the metadata name, to tell what is still of use. */
export function namedDigests({ roles }: KeptMetadata): ReadonlySet<string> {
  const texts = Object.entries(roles).filter(([role]) => rolesComponent(role) !== undefined);
  return new Set(texts.flatMap(([, text]) => targetsOf(text).map(([, { sha256 }]) => sha256)));
}

/** The component that a role speaks for, `filter` and `filter-past` both. */
function rolesComponent(role: string): ComponentKind | undefined {
  return componentKinds.find((kind) => role === kind || role === `${kind}-past`);
}

function textFile(text: string, isLasting: boolean): RelayedFile {
  return { kind: 'text', bytes: toUtf8(text), isLasting };
}

function targetsOf(text: string): (readonly [string, StoredFile])[] {
  return Object.entries(recordOf(signedOf(text)['targets'])).flatMap(([path, target]): [string, StoredFile][] => {
    const { length, hashes } = recordOf(target);
    const { sha256 } = recordOf(hashes);
    return typeof length === 'number' && typeof sha256 === 'string' ? [[path, { kind: 'stored', sha256, length }]] : [];
  });
}

function withDigest(path: string, sha256: string): string {
  const slash = path.lastIndexOf('/') + 1;
  return `${path.slice(0, slash)}${sha256}.${path.slice(slash)}`;
}

function versionOf(text: string): string {
  return String(signedOf(text)['version']);
}

function signedOf(text: string): Readonly<Record<string, unknown>> {
  return recordOf(recordOf(JSON.parse(text))['signed']);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Readonly<Record<string, unknown>>) : {};
}
