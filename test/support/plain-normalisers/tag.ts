/**
 * Tags of HTML: names and attributes in lower case, one space between them, values in double quotes. The targets of
 * `<a href>` and `<img src>` are handed on for the view without tags. Content inside of `data:` URLs is left out: it is
 * a part of its own, which needs unpacking.
 */
import { BYTE, isSpace, lower } from './bytes.js';
import type { HtmlOutput } from './output.js';
import { HighBytes, isFullStop } from './output.js';

/** `payload` is a `data:` URL behind its comma; after one no space comes out. */
type State = 'name' | 'gap' | 'attribute' | 'equals' | 'value' | 'data' | 'payload' | 'after-data';

/** What a byte led to: still in the tag, its end, or the beginning of a character reference in a value. */
export type TagStep = 'inside' | 'closed' | 'reference';

const MAX_NAME = 1024;
/** Of a link's target this much is kept. */
const MAX_VALUE = 1022;
const DATA = [...'data'].map((char) => char.charCodeAt(0));

/** Reads one tag after the other. */
export class HtmlTag {
  readonly #output: HtmlOutput;
  /** Bytes that wait in a value; they outlive a value that ends behind them. */
  readonly #high = new HighBytes();
  #state: State = 'name';
  #name = '';
  #attribute = '';
  #value: number[] = [];
  #link: readonly number[] | undefined;
  #quote = 0;
  #isSpaceDue = false;
  #inRun = false;
  /** The quotes of the value are off since a space or `>` in it: it goes on as an unquoted one. */
  #isLoose = false;

  constructor(output: HtmlOutput) {
    this.#output = output;
  }

  /** The name of the tag, in lower case, `/` included. */
  get name(): string {
    return this.#name;
  }

  /** The target of the link that the tag is. */
  get link(): readonly number[] {
    return this.#link ?? [];
  }

  begin(): void {
    this.#state = 'name';
    this.#name = '';
    this.#attribute = '';
    this.#link = undefined;
    this.#isSpaceDue = false;
  }

  take(byte: number): TagStep {
    if (this.#state === 'value' || this.#state === 'data' || this.#state === 'payload') {
      return this.#takeValue(byte);
    }
    if (this.#state === 'equals') {
      return this.#takeAfterEquals(byte);
    }
    if (byte === BYTE.close) {
      this.#output.markup(byte);
      return 'closed';
    }
    if (isSpace(byte)) {
      this.#isSpaceDue = this.#state !== 'after-data';
      this.#state = this.#state === 'after-data' ? 'after-data' : 'gap';
    } else if (byte === BYTE.equals && this.#state !== 'name') {
      this.#output.markup(byte);
      this.#state = 'equals';
      this.#isSpaceDue = false;
    } else {
      this.#takeNameByte(byte);
    }
    return 'inside';
  }

  /** A byte from 80 hex up. */
  takeHigh(byte: number): void {
    if (this.#state === 'data' || this.#state === 'payload') {
      return;
    }
    if (this.#state === 'equals') {
      this.#beginValue(0);
    }
    if (this.#state === 'value') {
      this.#inRun = false;
      this.#release(this.#high.push(byte));
    } else {
      this.#takeNameByte(byte);
    }
  }

  /** A byte that a reference in a value became. */
  readonly collect = (byte: number): void => {
    if (this.#value.length < MAX_VALUE) {
      this.#value.push(byte);
    }
  };

  #takeNameByte(byte: number): void {
    if (this.#state === 'gap' || this.#state === 'after-data') {
      this.#beginAttribute();
    }
    const char = lower(byte);
    this.#output.markup(char);
    if (this.#state === 'name' && this.#name.length < MAX_NAME) {
      this.#name += String.fromCharCode(char);
    } else if (this.#state === 'attribute' && this.#attribute.length < MAX_NAME) {
      this.#attribute += String.fromCharCode(char);
    }
  }

  #beginAttribute(): void {
    if (this.#isSpaceDue) {
      this.#output.markup(BYTE.space);
    }
    this.#isSpaceDue = false;
    this.#attribute = '';
    this.#state = 'attribute';
  }

  #takeAfterEquals(byte: number): TagStep {
    if (isSpace(byte)) {
      return 'inside';
    }
    if (byte === BYTE.doubleQuote || byte === BYTE.singleQuote) {
      this.#output.markup(BYTE.doubleQuote);
      this.#beginValue(byte);
      return 'inside';
    }
    this.#beginValue(0);
    if (byte === BYTE.equals) {
      this.#output.markup(byte);
      return 'inside';
    }
    return this.#takeValue(byte);
  }

  #beginValue(quote: number): void {
    this.#state = 'value';
    this.#quote = quote;
    this.#value = [];
    this.#isLoose = false;
    this.#inRun = false;
  }

  #takeValue(byte: number): TagStep {
    const isEnd = this.#quote === 0 ? byte === BYTE.close || (isSpace(byte) && !this.#inRun) : byte === this.#quote;
    if (isEnd) {
      return this.#endValue(byte);
    }
    if (this.#state === 'data' || this.#state === 'payload') {
      this.#state = byte === BYTE.comma ? 'payload' : this.#state;
      return 'inside';
    }
    if (this.#inRun && isSpace(byte)) {
      return 'inside';
    }
    this.#inRun = false;
    if (this.#quote !== 0 && (isSpace(byte) || byte === BYTE.close)) {
      this.#loosen(byte);
      return 'inside';
    }
    return this.#takeValueByte(byte);
  }

  /** White space or `>` in a quoted value: from here on it is read as if it had no quotes. */
  #loosen(byte: number): void {
    const space = isSpace(byte);
    this.#output.markup(byte === BYTE.lineFeed ? BYTE.space : byte);
    this.collect(space ? BYTE.space : byte);
    this.#inRun = true;
    this.#quote = 0;
    this.#isLoose = true;
  }

  #takeValueByte(byte: number): TagStep {
    const isMark = byte === BYTE.singleQuote || byte === BYTE.ampersand;
    if (!isMark || this.#high.waiting.length === 0) {
      if (this.#high.takeStopWith(byte, [])) {
        this.#stop();
        return 'inside';
      }
      this.#release(this.#high.take());
      if (byte === BYTE.ampersand) {
        return 'reference';
      }
      if (byte === BYTE.colon && this.#value.length === DATA.length && DATA.every((char, i) => this.#value[i] === char)) {
        this.#state = 'data';
        return 'inside';
      }
    }
    const char = byte === BYTE.singleQuote ? BYTE.doubleQuote : byte;
    this.#output.markup(lower(char));
    this.collect(char);
    return 'inside';
  }

  #endValue(byte: number): TagStep {
    const isLink = (this.#name === 'a' && this.#attribute === 'href') || (this.#name === 'img' && this.#attribute === 'src');
    if (isLink && this.#state === 'value') {
      // A loose value has lost its last byte: the quote behind it, or, where a second space ended it, a byte of its own.
      this.#link ??= this.#isLoose ? this.#value.slice(0, -1) : this.#value;
    }
    const isQuoted = this.#quote !== 0;
    const isAfterData = this.#state === 'payload';
    this.#state = isAfterData ? 'after-data' : 'gap';
    this.#isSpaceDue = !isAfterData && (isQuoted || isSpace(byte));
    if (isQuoted) {
      this.#output.markup(BYTE.doubleQuote);
    } else if (byte === BYTE.close) {
      this.#output.markup(byte);
      return 'closed';
    }
    return 'inside';
  }

  #release(bytes: readonly number[]): void {
    if (isFullStop(bytes)) {
      this.collect(BYTE.stop);
    } else {
      bytes.forEach(this.collect);
    }
    this.#output.group(bytes, false);
  }

  #stop(): void {
    this.#output.fullStop(false);
    this.collect(BYTE.stop);
  }
}
