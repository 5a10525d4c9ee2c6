/**
 * The views of HTML: `nocomment`, the content in lower case with white space, tags and attributes in one form, comments
 * left out and character references decoded; and `notags`, its text without tags, with the targets of links. Made byte
 * for byte as clamscan 1.4.6 writes nocomment.html and notags.html, oddities included, for signatures were made there.
 * Its third file, `javascript`, is not made: scripts stay as `nocomment` has them.
 */
import { BYTE, isSpace, lower } from './html/bytes.js';
import { HtmlChunks } from './html/chunks.js';
import { HighBytes } from './html/high-bytes.js';
import { HtmlOutput } from './html/output.js';
import { HtmlReference } from './html/reference.js';
import { SCRIPT_RUN, isLeftOut } from './html/run-tables.js';
import { ScriptTag } from './html/script-tag.js';
import type { TagStep } from './html/tag.js';
import { HtmlTag } from './html/tag.js';
import type { NormalisedSink, Normaliser } from './normalise.js';

type State = 'text' | 'open' | 'tag' | 'comment' | 'reference' | 'script' | 'script-tag';

/** Makes both views of one content. */
export class HtmlNormaliser implements Normaliser {
  readonly #output: HtmlOutput;
  readonly #high = new HighBytes();
  readonly #tag: HtmlTag;
  readonly #reference: HtmlReference;
  readonly #scriptTag: ScriptTag;
  readonly #chunks: HtmlChunks;
  #state: State = 'text';
  /** Where a reference returns to. */
  #outer: State = 'text';
  /** The target of a link comes out with the byte behind its tag: at the end of the content it does not. */
  #isLinkDue = false;
  /** In a `style`, not a `script`. */
  #isStyle = false;

  constructor(sink: NormalisedSink) {
    this.#output = new HtmlOutput(sink);
    this.#tag = new HtmlTag(this.#output);
    this.#reference = new HtmlReference(this.#output);
    this.#scriptTag = new ScriptTag(this.#output);
    this.#chunks = new HtmlChunks((portion) => this.#takePortion(portion));
  }

  push(chunk: Uint8Array): void {
    this.#chunks.push(chunk);
  }

  finish(): void {
    this.#chunks.finish();
    if (this.#state === 'open') {
      this.#output.markup(BYTE.open);
    } else if (this.#state === 'reference') {
      this.#reference.finish();
    }
    this.#output.flush();
  }

  #takePortion(portion: Uint8Array): void {
    let at = 0;
    // White space at the beginning counts for nothing, behind bytes that are left out as well.
    while (at < portion.length && (portion[at] === 0 || isSpace(portion[at]!))) {
      at++;
    }
    while (at < portion.length) {
      if (isLeftOut(portion[at]!)) {
        at++;
        continue;
      }
      this.#giveLink();
      at = this.#takeRun(portion, at);
      if (at < portion.length && !this.#isLinkDue) {
        this.#takeAny(portion[at++]!);
      }
    }
  }

  #giveLink(): void {
    if (this.#isLinkDue) {
      this.#isLinkDue = false;
      this.#output.link(this.#tag.link);
    }
  }

  #takeAny(byte: number): void {
    if (byte >= 0x80) {
      this.#takeHigh(byte);
    } else if (!isLeftOut(byte)) {
      this.#take(byte);
    }
  }

  /** Takes bytes of the same state, as many as there are. @returns the index of the next one. */
  #takeRun(portion: Uint8Array, at: number): number {
    if (this.#high.waiting > 0) {
      return at;
    }
    switch (this.#state) {
      case 'text':
        return this.#output.words.run(portion, at);
      case 'tag': {
        const end = this.#tag.run(portion, at);
        this.#afterTag(this.#tag.step);
        return end;
      }
      case 'script':
        return this.#output.nocomment.run(SCRIPT_RUN, portion, at);
      case 'comment': {
        const end = portion.indexOf(BYTE.close, at);
        return end === -1 ? portion.length : end;
      }
      case 'open':
      case 'reference':
      case 'script-tag':
        return at;
    }
  }

  #take(byte: number): void {
    switch (this.#state) {
      case 'text':
        return this.#takeText(byte);
      case 'open':
        return this.#takeOpen(byte);
      case 'tag':
        return this.#takeTag(byte);
      case 'comment':
        return this.#takeComment(byte);
      case 'reference':
        return this.#takeReference(byte);
      case 'script':
        return this.#takeScript(byte);
      case 'script-tag':
        return this.#takeScriptTag(byte);
    }
  }

  #takeText(byte: number): void {
    if (this.#releaseWith(byte)) {
      return;
    }
    if (isSpace(byte)) {
      this.#output.words.space();
      return;
    }
    this.#output.words.beginWord();
    if (byte === BYTE.open) {
      this.#output.words.write(BYTE.space);
      this.#state = 'open';
    } else if (byte === BYTE.ampersand) {
      this.#output.words.write(BYTE.space);
      this.#beginReference('text');
    } else {
      this.#output.markup(lower(byte));
      this.#output.words.write(byte < BYTE.space ? BYTE.space : lower(byte));
    }
  }

  #takeOpen(byte: number): void {
    if (isSpace(byte)) {
      return;
    }
    if (byte === BYTE.exclamation) {
      this.#state = 'comment';
      return;
    }
    this.#beginTag();
    this.#takeTag(byte);
  }

  #beginTag(): void {
    this.#output.markup(BYTE.open);
    this.#tag.begin();
    this.#state = 'tag';
  }

  #takeTag(byte: number): void {
    this.#afterTag(this.#tag.take(byte));
  }

  #afterTag(step: TagStep): void {
    if (step === 'reference') {
      this.#beginReference('tag');
    } else if (step === 'closed') {
      this.#isLinkDue = true;
      this.#isStyle = this.#tag.name.is('style');
      this.#state = this.#isStyle || this.#tag.name.is('script') ? 'script' : 'text';
      this.#output.words.begin(false);
    }
  }

  /** A comment, like every other `<!`, ends at the next `>`. */
  #takeComment(byte: number): void {
    if (byte === BYTE.close) {
      this.#high.take();
      this.#state = 'text';
      this.#output.words.begin(true);
    }
  }

  #beginReference(outer: State): void {
    this.#outer = outer;
    this.#state = 'reference';
    this.#reference.begin(outer === 'tag' ? this.#tag.value : undefined);
  }

  #takeReference(byte: number): void {
    const taken = this.#reference.take(byte);
    if (taken !== 'inside') {
      this.#state = this.#outer;
    }
    if (taken === 'again') {
      this.#take(byte);
    }
  }

  /** Scripts and styles: white space is left out, all quotes are double. */
  #takeScript(byte: number): void {
    if (this.#releaseWith(byte)) {
      return;
    }
    if (isSpace(byte)) {
      return;
    }
    if (byte === BYTE.ampersand) {
      this.#beginReference('script');
      return;
    }
    this.#output.markup(byte === BYTE.singleQuote ? BYTE.doubleQuote : lower(byte));
    if (byte === BYTE.open) {
      this.#scriptTag.begin(this.#isStyle);
      this.#state = 'script-tag';
    }
  }

  #takeScriptTag(byte: number): void {
    const step = this.#scriptTag.take(byte);
    if (step === 'script') {
      this.#state = 'script';
    } else if (step === 'ended') {
      this.#state = 'text';
      this.#output.words.begin(false);
    }
  }

  #takeHigh(byte: number): void {
    if (this.#state === 'comment') {
      return;
    }
    if (this.#state === 'reference') {
      this.#reference.interrupt();
      this.#state = this.#outer;
    }
    if (this.#state === 'open') {
      this.#beginTag();
    }
    if (this.#state === 'tag') {
      this.#tag.takeHigh(byte);
      return;
    }
    if (this.#state === 'script-tag') {
      this.#takeScriptTag(byte);
      return;
    }
    const isText = this.#state === 'text' || this.#state === 'script';
    if (this.#state === 'text') {
      this.#output.words.beginWord();
    }
    if (this.#high.push(byte)) {
      this.#output.group(this.#high.taken, isText);
    }
  }

  /** What waits comes out before `next`. @returns true when the two were one character. */
  #releaseWith(next: number): boolean {
    const isStop = this.#high.takeStopWith(next, 'zero');
    if (isStop) {
      this.#output.fullStop(true);
    } else if (this.#high.take()) {
      this.#output.group(this.#high.taken, true);
    }
    return isStop;
  }
}
