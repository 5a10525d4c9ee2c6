/**
 * What is asked of verified metadata beyond what a TUF client checks by itself: that no instant is unreadable or past by
 * the host's own clock, and that the keys of a role are so many keys, not one key under many names.
 */
import { VedetteError } from '../base/errors.js';

/**
 * A role that is in use is not expired by the host's own clock.
 * @throws VedetteError `pattern-refused`, `detail.cause` `expired-metadata`, naming the role.
 */
export function assertUnexpired(role: string, text: string, now: number): void {
  const signed = signedOf(text);
  // An instant that cannot be read compares as false with everything: it must not count as never.
  if (!(expiryOf(signed) > now)) {
    throw refused('expired-metadata', role, `freeze attack or an abandoned repository: ${role}.json expired at ${String(signed['expires'])}`);
  }
}

/**
 * Each key counts once towards the threshold of a role, whatever it is called (specification 1.0.31, 4.3).
 * @throws VedetteError `pattern-refused`, `detail.cause` `duplicate-keys`, naming the role.
 */
export function assertDistinctKeys(rootText: string): void {
  const root = signedOf(rootText);
  const keys = recordOf(root['keys']);
  for (const [role, value] of Object.entries(recordOf(root['roles']))) {
    const ids: unknown = recordOf(value)['keyids'];
    const known = (Array.isArray(ids) ? ids : []).flatMap((id: unknown) => (typeof id === 'string' && Object.hasOwn(keys, id) ? [keys[id]] : []));
    const publics = known.map((key) => String(recordOf(recordOf(key)['keyval'])['public']).toLowerCase());
    if (new Set(publics).size !== publics.length) {
      throw refused('duplicate-keys', role, `role ${role} counts one key under two names towards its threshold`);
    }
  }
}

type Signed = Readonly<Record<string, unknown>>;

function signedOf(text: string): Signed {
  return recordOf(recordOf(JSON.parse(text))['signed']);
}

function expiryOf(signed: Signed): number {
  const { expires } = signed;
  return typeof expires === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(expires) ? Date.parse(expires) : Number.NaN;
}

function recordOf(value: unknown): Signed {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Signed) : {};
}

function refused(cause: string, role: string, message: string): VedetteError {
  return new VedetteError('pattern-refused', message, { detail: { cause, role } });
}
