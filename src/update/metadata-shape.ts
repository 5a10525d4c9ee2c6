/**
 * What metadata have to look like before a TUF client reads them, whoever has signed them. Clients copy the members of an
 * object once for each of them (4,000 roles of a snapshot: 3.4 s; 8 MiB of them: hours), match paths by patterns that can
 * take for ever, and take any number for a version: whoever holds one key of the repository could stop a host for good.
 */
import { fromUtf8 } from '../base/bytes.js';
import { VedetteError } from '../base/errors.js';

/** Members of one object or list. A repository of ours has 10. */
const maxMembers = 1000;
const maxDepth = 32;
const topLevel: ReadonlySet<string> = new Set(['root', 'timestamp', 'snapshot', 'targets']);
/** What delegated paths are made of: no groups, which take exponential time, and no braces, which multiply. */
const plainPattern = /^[\w.*?/-]{1,200}$/;

/**
 * Asserts it of the bytes of metadata that were just downloaded. What is no JSON is left to the client.
 * @throws VedetteError `pattern-refused`, `detail.cause` `malformed-metadata` or `duplicate-keys`.
 */
export function assertMetadataShape(bytes: Uint8Array): void {
  const json = parsed(bytes);
  if (json === undefined) {
    return;
  }
  assertSmall(json, 0);
  const signed = recordOf(recordOf(json)['signed']);
  assertWhole('version', signed['version']);
  for (const [name, value] of Object.entries(recordOf(signed['meta']))) {
    assertWhole(`version of ${name}`, recordOf(value)['version']);
  }
  const delegations = recordOf(signed['delegations']);
  assertRoles(recordOf(signed['keys']), Object.entries(recordOf(signed['roles'])));
  const delegated = listOf(delegations['roles']).map((role) => [String(recordOf(role)['name']), role] as const);
  assertRoles(recordOf(delegations['keys']), delegated);
  // Where file names know no case, the file of such a role would take the place of the top-level role's.
  const confused = delegated.find(([name]) => topLevel.has(name.toLowerCase()));
  if (confused !== undefined) {
    throw malformed(`a delegated role is called ${confused[0]}, like a top-level role`);
  }
}

type Fields = Readonly<Record<string, unknown>>;

function assertRoles(keys: Fields, roles: readonly (readonly [string, unknown])[]): void {
  for (const [name, value] of roles) {
    const role = recordOf(value);
    assertWhole(`threshold of ${name}`, role['threshold']);
    assertDistinct(name, listOf(role['keyids']).flatMap((id) => (typeof id === 'string' && Object.hasOwn(keys, id) ? [keys[id]] : [])));
    if (!listOf(role['paths']).every((path) => typeof path === 'string' && plainPattern.test(path))) {
      throw malformed(`role ${name}: expected paths of plain letters, stars and slashes`);
    }
  }
}

/** Each key counts once towards a threshold, whatever it is called and however it is written (specification 1.0.31, 4.3). */
function assertDistinct(role: string, keys: readonly unknown[]): void {
  const publics = keys.map((key) => publicHex(String(recordOf(recordOf(key)['keyval'])['public'])));
  if (new Set(publics).size !== publics.length) {
    const message = `duplicate keys: role ${role.slice(0, 64)} counts one key twice towards its threshold`;
    throw new VedetteError('pattern-refused', message, { detail: { cause: 'duplicate-keys' } });
  }
}

/** Ed25519 keys stand there as 32 bytes in hex, or in PEM with a head of 12 bytes before these. */
function publicHex(text: string): string {
  const [, base64] = /-----BEGIN PUBLIC KEY-----([\sA-Za-z0-9+/=]+)-----END/.exec(text) ?? [];
  if (base64 === undefined) {
    return text.toLowerCase();
  }
  const raw = Array.from(atobSafely(base64), (char) => char.charCodeAt(0).toString(16).padStart(2, '0')).join('');
  return raw.startsWith('302a300506032b6570032100') ? raw.slice(24) : raw;
}

function atobSafely(base64: string): string {
  try {
    return atob(base64.replace(/\s/g, ''));
  } catch {
    return base64;
  }
}

/** Iterations are bounded by the length of the text, depth by a number of its own. */
function assertSmall(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) {
    return;
  }
  const members: readonly unknown[] = Array.isArray(value) ? value : Object.values(value);
  if (members.length > maxMembers || depth === maxDepth) {
    throw malformed(members.length > maxMembers ? `an object of ${members.length} members, over the limit of ${maxMembers}` : `nested over ${maxDepth} deep`);
  }
  for (const member of members) {
    assertSmall(member, depth + 1);
  }
}

/** Versions and thresholds are whole numbers from 1 on; what is no number at all is left to the client. */
function assertWhole(what: string, value: unknown): void {
  if (typeof value === 'number' && !(Number.isSafeInteger(value) && value >= 1)) {
    throw malformed(`${what.slice(0, 64)}: expected a whole number from 1 on, got ${value}`);
  }
}

function parsed(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch {
    return undefined;
  }
}

function recordOf(value: unknown): Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Fields) : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function malformed(message: string): VedetteError {
  return new VedetteError('pattern-refused', `malformed metadata: ${message}`, { detail: { cause: 'malformed-metadata' } });
}
