/**
 * The smallest pieces of a ClamAV body: a byte in two characters, each of them a hex digit or `?`. A cursor, because
 * every construct of the format begins with a character of its own.
 */

/** Why a body is none. */
export class BodyFault extends Error {}

/** Bytes and their mask, while they are being collected. */
export interface RunDraft {
  readonly value: number[];
  readonly mask: number[];
}

/** A body's text and how far it was read. */
export class BodyCursor {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /** True when the text goes on like this. */
  sees(text: string): boolean {
    return this.#text.startsWith(text, this.#at);
  }

  /** Passes over the text if it is there. */
  takes(text: string): boolean {
    const seen = this.sees(text);
    this.#at += seen ? text.length : 0;
    return seen;
  }

  /** The text up to `end`, which is passed over. */
  takeUntil(end: string): string {
    const to = this.#text.indexOf(end, this.#at);
    if (to < 0) {
      throw this.fault(`"${end}" is missing`);
    }
    const taken = this.#text.slice(this.#at, to);
    this.#at = to + end.length;
    return taken;
  }

  /** All plain bytes that follow, at least one, added to the run. */
  takeBytes(run: RunDraft): void {
    let high = nibble(this.#text.charCodeAt(this.#at));
    do {
      const low = nibble(this.#text.charCodeAt(this.#at + 1));
      if (high === undefined || low === undefined) {
        throw this.fault('two hex digits or "?" were expected');
      }
      run.value.push((high.value << 4) | low.value);
      run.mask.push((high.mask << 4) | low.mask);
      this.#at += 2;
      high = nibble(this.#text.charCodeAt(this.#at));
    } while (high !== undefined);
  }

  /** A fault at this place. */
  fault(reason: string): BodyFault {
    return new BodyFault(`${reason} at character ${this.#at + 1} of the body`);
  }
}

/** Adds bytes that may be anything. */
export function addAnyBytes(run: RunDraft, count: number): void {
  for (let i = 0; i < count; i++) {
    run.value.push(0);
    run.mask.push(0);
  }
}

function nibble(code: number): { readonly value: number; readonly mask: number } | undefined {
  if (code === 0x3f) {
    return { value: 0, mask: 0 };
  }
  const lower = code | 0x20;
  if (code >= 0x30 && code <= 0x39) {
    return { value: code - 0x30, mask: 0xf };
  }
  return lower >= 0x61 && lower <= 0x66 ? { value: lower - 0x57, mask: 0xf } : undefined;
}
