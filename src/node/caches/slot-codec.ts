/** Slots of the verdict cache as bytes: JSON, with hashes in hex. What comes back is checked again by the cache room. */
import { fromHex, fromUtf8, toHex, toUtf8 } from '../../base/bytes.js';
import type { CacheSlot } from '../../cache/verdict-cache.js';

/** The bytes of a slot. */
export function encodeSlot(slot: CacheSlot): Uint8Array {
  return toUtf8(JSON.stringify(slot, (_, value: unknown) => (value instanceof Uint8Array ? { hex: toHex(value) } : value)));
}

/** The slot, or undefined for bytes that are none. Hashes stand in two places, and nowhere else is hex taken for bytes. */
export function decodeSlot(bytes: Uint8Array): CacheSlot | undefined {
  try {
    const slot: unknown = JSON.parse(fromUtf8(bytes));
    return Array.isArray(slot) && slot.every(restore) ? (slot as CacheSlot) : undefined;
  } catch {
    return undefined;
  }
}

/** Puts the bytes back in place of their hex. */
function restore(entry: unknown): boolean {
  if (!isObject(entry) || !isObject(entry['answer'])) {
    return false;
  }
  const { answer } = entry;
  const records: unknown = answer['records'];
  return restoreField(answer, 'asked') && Array.isArray(records) && records.every((record) => isObject(record) && restoreField(record, 'hash'));
}

function restoreField(of: Record<string, unknown>, field: string): boolean {
  const given = of[field];
  const bytes = isObject(given) && typeof given['hex'] === 'string' ? fromHex(given['hex']) : undefined;
  of[field] = bytes;
  return bytes !== undefined;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
