/** Trusted metadata as one text: what is kept of a repository between two looks. */
import { VedetteError } from '../../base/errors.js';
import type { RepositoryMetadata } from '../../update/metadata-rules.js';

/** A root that is trusted, and the other roles as far as they were verified. */
export type KeptMetadata = Pick<RepositoryMetadata, 'root'> & { readonly [K in 'timestamp' | 'snapshot' | 'targets']?: string | undefined };

const roles = ['root', 'timestamp', 'snapshot', 'targets'] as const;

/** As text. */
export function formatMetadata(metadata: KeptMetadata): string {
  return JSON.stringify({ format: 1, ...metadata });
}

/**
 * The inverse. untrusted: a file on disk, whose checksum was compared.
 * @throws VedetteError `store-damaged`.
 */
export function parseMetadata(text: string): KeptMetadata {
  const json: unknown = JSON.parse(text);
  const found = Object.fromEntries(roles.flatMap((role) => textOf(json, role)));
  if (found['root'] === undefined) {
    throw new VedetteError('store-damaged', 'kept metadata: expected the text of root.json');
  }
  return { ...found, root: found['root'] };
}

function textOf(json: unknown, role: string): readonly [string, string][] {
  const value: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, role) : undefined;
  return typeof value === 'string' ? [[role, value]] : [];
}
