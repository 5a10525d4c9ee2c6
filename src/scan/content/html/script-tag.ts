/**
 * What follows a `<` in a script or style. Behind a `</` everything up to a space or `>` is one word: `/script` ends it,
 * `/style` a style.
 */
import { BYTE, isSpace, lower } from './bytes.js';
import type { HtmlOutput } from './output.js';
import { ShortName } from './short-name.js';

const SCRIPT_END = '/script';
const STYLE_END = '/style';

/** What a byte led to: still behind the `<`, back in the script, or its end. */
export type ScriptStep = 'inside' | 'script' | 'ended';

/** Reads what is behind one `<` after the other. */
export class ScriptTag {
  readonly #output: HtmlOutput;
  readonly #word = new ShortName();
  #isStyle = false;
  #hasWord = false;

  constructor(output: HtmlOutput) {
    this.#output = output;
  }

  begin(isStyle: boolean): void {
    this.#isStyle = isStyle;
    this.#hasWord = false;
  }

  take(byte: number): ScriptStep {
    if (!this.#hasWord) {
      return this.#takeStart(byte);
    }
    if (byte !== BYTE.close && !isSpace(byte)) {
      this.#output.markup(lower(byte));
      this.#word.add(lower(byte));
      return 'inside';
    }
    if (byte === BYTE.close) {
      this.#output.markup(byte);
    }
    return this.#word.is(SCRIPT_END) || (this.#isStyle && this.#word.is(STYLE_END)) ? 'ended' : 'script';
  }

  /** The first byte behind a `<`, taken as it is. */
  #takeStart(byte: number): ScriptStep {
    if (isSpace(byte)) {
      return 'inside';
    }
    this.#output.markup(lower(byte));
    if (byte === BYTE.slash) {
      this.#hasWord = true;
      this.#word.clear();
      this.#word.add(byte);
      return 'inside';
    }
    return byte === BYTE.open ? 'inside' : 'script';
  }
}
