/** Trusted metadata as one text: what is kept of a repository between two looks. */
import { VedetteError } from '../../../base/errors.js';

/** Verified texts by role: a root, and the others as far as they came. */
export interface KeptMetadata {
  readonly root: string;
  /** The roots before it that were walked through, oldest first: hosts that know one of them only are led on by these. */
  readonly roots?: readonly string[] | undefined;
  /** `timestamp`, `snapshot`, `targets`, and delegated roles by their names. */
  readonly roles: Readonly<Record<string, string>>;
}

/** As text. */
export function formatMetadata({ root, roots, roles }: KeptMetadata): string {
  return JSON.stringify({ format: 1, root, roots, roles });
}

/**
 * The inverse. untrusted: a file on disk, whose checksum was compared.
 * @throws VedetteError `store-damaged`.
 */
export function parseMetadata(text: string): KeptMetadata {
  const json: unknown = JSON.parse(text);
  const root = field(json, 'root');
  const roles = field(json, 'roles');
  const roots = field(json, 'roots');
  if (typeof root !== 'string' || typeof roles !== 'object' || roles === null) {
    throw new VedetteError('store-damaged', 'kept metadata: expected a root and the texts of other roles');
  }
  const texts = Object.entries(roles).filter((entry): entry is [string, string] => typeof entry[1] === 'string' && isRoleFile(entry[0]));
  const before = (Array.isArray(roots) ? roots : []).filter((one: unknown): one is string => typeof one === 'string');
  return { root, ...(before.length === 0 ? {} : { roots: before }), roles: Object.fromEntries(texts) };
}

/** Names under which the texts of roles lie beside each other without harm. */
export function isRoleFile(role: string): boolean {
  return /^[a-z0-9][a-z0-9._%-]{0,99}$/i.test(role);
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
