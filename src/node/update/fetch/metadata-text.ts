/** Trusted metadata as one text: what is kept of a repository between two looks. */
import { VedetteError } from '../../../base/errors.js';

/** Verified texts by role: a root, and the others as far as they came. */
export interface KeptMetadata {
  readonly root: string;
  /** `timestamp`, `snapshot`, `targets`, and delegated roles by their names. */
  readonly roles: Readonly<Record<string, string>>;
}

/** As text. */
export function formatMetadata({ root, roles }: KeptMetadata): string {
  return JSON.stringify({ format: 1, root, roles });
}

/**
 * The inverse. untrusted: a file on disk, whose checksum was compared.
 * @throws VedetteError `store-damaged`.
 */
export function parseMetadata(text: string): KeptMetadata {
  const json: unknown = JSON.parse(text);
  const root = field(json, 'root');
  const roles = field(json, 'roles');
  if (typeof root !== 'string' || typeof roles !== 'object' || roles === null) {
    throw new VedetteError('store-damaged', 'kept metadata: expected a root and the texts of other roles');
  }
  const texts = Object.entries(roles).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && isRoleFile(entry[0]));
  return { root, roles: Object.fromEntries(texts) };
}

/** Names under which the texts of roles lie beside each other without harm. */
export function isRoleFile(role: string): boolean {
  return /^[a-z0-9][a-z0-9._%-]{0,99}$/i.test(role);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
