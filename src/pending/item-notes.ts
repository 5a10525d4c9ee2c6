/**
 * What is noted on an item, intents and outcomes, and who may: without the name of a claim everybody, with one only who
 * has the entry still (fencing). The same for every queue.
 */
import { VedetteError } from '../base/errors.js';
import type { Json } from '../base/seams.js';

/** Longest JSON text of one intent or outcome (UTF-16 units). */
const maxNoteChars = 65_536;

/** An item as far as it is looked at here. */
export interface Notable {
  readonly outcome?: string | undefined;
  readonly begunBy?: number | undefined;
}

/** Whose note it is: `current` is the claim that has the entry now. */
export interface Noting {
  readonly claim: number | undefined;
  readonly current: number | undefined;
}

/** @throws RangeError when the value is too long to be journalled. */
export function noteText(name: string, value: Json): string {
  const text = JSON.stringify(value);
  if (text === undefined || text.length > maxNoteChars) {
    throw new RangeError(`${name}: expected JSON of at most ${maxNoteChars} characters, got ${text?.length ?? 'none'}`);
  }
  return text;
}

/**
 * The item that an intent may be noted on: undefined where it is not open.
 * @throws VedetteError `claim-lost` where a claim is named and does not have it, or not any more.
 */
export function openToIntend<T extends Notable>(item: T | undefined, noting: Noting): T | undefined {
  return openTo(item, noting, noting.claim === noting.current);
}

/**
 * The item that an outcome may be noted on: undefined where it is not open. What a claim has begun it may end, even when
 * it has lost the entry.
 * @throws VedetteError `claim-lost` as `openToIntend` does.
 */
export function openToSettle<T extends Notable>(item: T | undefined, noting: Noting): T | undefined {
  return openTo(item, noting, noting.claim === noting.current || noting.claim === item?.begunBy);
}

function openTo<T extends Notable>(item: T | undefined, { claim }: Noting, isItsOwn: boolean): T | undefined {
  const isOpen = item !== undefined && item.outcome === undefined;
  if (claim !== undefined && !(isOpen && isItsOwn)) {
    throw new VedetteError('claim-lost', 'the entry is no longer in the hands of this claim', { detail: { claim } });
  }
  return isOpen ? item : undefined;
}
