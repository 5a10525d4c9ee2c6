/**
 * Tags of HTML: names and attributes in lower case, one space between them, values in double quotes. The targets of
 * `<a href>` and `<img src>` are handed on for the view without tags. Content inside of `data:` URLs is left out: it is
 * a part of its own, which needs unpacking.
 */
import { BYTE, isSpace, lower } from './bytes.js';
import type { HtmlOutput } from './output.js';
import { HighBytes, isFullStop } from './high-bytes.js';
import { DATA_RUN, NAME_RUN, isLeftOut } from './run-tables.js';
import { ShortName } from './short-name.js';
import { TagValue } from './tag-value.js';

/** `payload` is a `data:` URL behind its comma; after one no space comes out. */
type State = 'name' | 'gap' | 'attribute' | 'equals' | 'value' | 'data' | 'payload' | 'after-data';

/** What a byte led to: still in the tag, its end, or the beginning of a character reference in a value. */
export type TagStep = 'inside' | 'closed' | 'reference';

const noLink: Uint8Array = new Uint8Array(0);

/** Reads one tag after the other. */
export class HtmlTag {
  readonly #output: HtmlOutput;
  /** Bytes that wait in a value; they outlive a value that ends behind them. */
  readonly #high = new HighBytes();
  readonly #attribute = new ShortName();
  #state: State = 'name';
  #link: Uint8Array | undefined;
  #quote = 0;
  /** The value is the target of a link. */
  #isLinkValue = false;
  #isSpaceDue = false;
  #inRun = false;
  /** The quotes of the value are off since a space or `>` in it: it goes on as an unquoted one. */
  #isLoose = false;

  /** The name of the tag, in lower case, `/` included. */
  readonly name: ShortName = new ShortName();
  /** The value that is read; a reference in it adds what it becomes. */
  readonly value: TagValue = new TagValue();

  constructor(output: HtmlOutput) {
    this.#output = output;
  }

  /** The target of the link that the tag is. */
  get link(): Uint8Array {
    return this.#link ?? noLink;
  }

  begin(): void {
    this.#state = 'name';
    this.name.clear();
    this.#attribute.clear();
    this.#link = undefined;
    this.#isSpaceDue = false;
  }

  /** What the last byte that `run` took led to. */
  step: TagStep = 'inside';

  /** Takes bytes until one is due to somebody else, or `step` is not `inside`. @returns the index of the next one. */
  run(input: Uint8Array, at: number): number {
    this.step = 'inside';
    let next = at;
    while (next < input.length && this.step === 'inside') {
      const end = this.#plainRun(input, next);
      if (end > next) {
        next = end;
        continue;
      }
      const byte = input[next]!;
      if (byte >= 0x80) {
        this.takeHigh(byte);
      } else if (!isLeftOut(byte)) {
        this.step = this.take(byte);
      }
      next++;
    }
    return next;
  }

  #plainRun(input: Uint8Array, at: number): number {
    switch (this.#state) {
      case 'name':
        return this.#nameRun(this.name, input, at);
      case 'attribute':
        return this.#nameRun(this.#attribute, input, at);
      case 'value':
        return this.#inRun || this.#high.waiting > 0 ? at : this.value.run(this.#output.nocomment, input, at);
      case 'data':
      case 'payload':
        return this.#output.nocomment.run(DATA_RUN, input, at);
      case 'gap':
      case 'equals':
      case 'after-data':
        return at;
    }
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
      if (this.#high.push(byte)) {
        this.#release();
      }
    } else {
      this.#takeNameByte(byte);
    }
  }

  #nameRun(name: ShortName, input: Uint8Array, at: number): number {
    const { nocomment } = this.#output;
    nocomment.reserve(input.length - at);
    const before = nocomment.filled;
    const next = nocomment.run(NAME_RUN, input, at);
    name.addAll(nocomment.bytes, before, nocomment.filled);
    return next;
  }

  #takeNameByte(byte: number): void {
    if (this.#state === 'gap' || this.#state === 'after-data') {
      this.#beginAttribute();
    }
    const char = lower(byte);
    this.#output.markup(char);
    (this.#state === 'name' ? this.name : this.#attribute).add(char);
  }

  #beginAttribute(): void {
    if (this.#isSpaceDue) {
      this.#output.markup(BYTE.space);
    }
    this.#isSpaceDue = false;
    this.#attribute.clear();
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
    this.#isLinkValue = (this.name.is('a') && this.#attribute.is('href')) || (this.name.is('img') && this.#attribute.is('src'));
    this.value.begin(this.#isLinkValue);
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
    this.value.add(space ? BYTE.space : byte);
    this.#inRun = true;
    this.#quote = 0;
    this.#isLoose = true;
  }

  #takeValueByte(byte: number): TagStep {
    const isMark = byte === BYTE.singleQuote || byte === BYTE.ampersand;
    if (!isMark || this.#high.waiting === 0) {
      if (this.#high.takeStopWith(byte, 'nothing')) {
        this.#output.fullStop(false);
        this.value.add(BYTE.stop);
        return 'inside';
      }
      if (this.#high.take()) {
        this.#release();
      }
      if (byte === BYTE.ampersand) {
        return 'reference';
      }
      if (byte === BYTE.colon && this.value.isData) {
        this.#state = 'data';
        return 'inside';
      }
    }
    const char = byte === BYTE.singleQuote ? BYTE.doubleQuote : byte;
    this.#output.markup(lower(char));
    this.value.add(char);
    return 'inside';
  }

  #endValue(byte: number): TagStep {
    if (this.#isLinkValue && this.#state === 'value') {
      // A loose value has lost its last byte: the quote behind it, or, where a second space ended it, a byte of its own.
      this.#link ??= this.value.bytes(this.#isLoose ? 1 : 0);
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

  /** The group that was taken comes out. */
  #release(): void {
    const group = this.#high.taken;
    if (isFullStop(group)) {
      this.value.add(BYTE.stop);
    } else {
      this.value.addGroup(group);
    }
    this.#output.group(group, false);
  }
}
