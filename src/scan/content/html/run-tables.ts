/**
 * Runs of bytes that mean nothing but themselves: what each byte becomes in one, and which bytes end it. Nearly all of
 * a page is in such runs, so that only what is between them is taken byte by byte.
 */
import { BYTE, isSpace, lower } from './bytes.js';

/** In a table: the byte ends the run. Else the entry is what the byte becomes, 0 for nothing. */
export const STOPS = 0x100;

/** What bytes become in one kind of run. */
export type RunTable = Uint16Array;

/** Names of tags and attributes. */
export const NAME_RUN: RunTable = runTable((byte) => (isSpace(byte) || byte === BYTE.close || byte === BYTE.equals ? STOPS : lower(byte)));

const valueStops: readonly number[] = [BYTE.close, BYTE.doubleQuote, BYTE.singleQuote, BYTE.ampersand, BYTE.colon];

/** Values of attributes, in their own case. */
export const VALUE_RUN: RunTable = runTable((byte) => (isSpace(byte) || valueStops.includes(byte) ? STOPS : byte));

/** Values of which enough is known, in lower case: a colon means nothing in them any more. */
export const VALUE_REST_RUN: RunTable = VALUE_RUN.map((becomes, byte) => (byte === BYTE.colon ? byte : becomes === STOPS ? STOPS : lower(becomes)));

const dataStops: readonly number[] = [BYTE.close, BYTE.doubleQuote, BYTE.singleQuote, BYTE.comma];

/** `data:` URLs, which come to nothing. */
export const DATA_RUN: RunTable = runTable((byte) => (isSpace(byte) || dataStops.includes(byte) ? STOPS : 0));

/** Scripts and styles: white space is left out, all quotes are double. */
export const SCRIPT_RUN: RunTable = runTable((byte) => {
  if (byte === BYTE.open || byte === BYTE.ampersand) {
    return STOPS;
  }
  return isSpace(byte) ? 0 : byte === BYTE.singleQuote ? BYTE.doubleQuote : lower(byte);
});

/** In text: 0 a character, 1 white space, 2 left out, 3 the end of the run. */
export const TEXT_KINDS: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => {
  if (isLeftOut(byte)) {
    return 2;
  }
  const isCharacter = byte > BYTE.space && byte < 0x80 && byte !== BYTE.open && byte !== BYTE.ampersand;
  return isSpace(byte) ? 1 : isCharacter ? 0 : 3;
});

/** What bytes of texts become. */
export const TEXT_BECOMES: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) => (isSpace(byte) ? BYTE.space : lower(byte)));

/** Bytes that mean nothing anywhere in HTML. */
export function isLeftOut(byte: number): boolean {
  return byte === 0 || byte === BYTE.return;
}

/** Bytes from 80 hex up end every run. */
function runTable(becomes: (byte: number) => number): RunTable {
  return Uint16Array.from({ length: 256 }, (_, byte) => (isLeftOut(byte) ? 0 : byte >= 0x80 ? STOPS : becomes(byte)));
}
