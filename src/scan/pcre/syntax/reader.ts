/** A place in a pattern text, with what holds everywhere in it: `\Q` … `\E` quotes, comments and ignored white space. */
import { VedetteError } from '../../../base/errors.js';

/** Walks over a pattern text. One character is one byte. */
export class PatternReader {
  readonly text: string;
  at = 0;
  /** True between `\Q` and `\E`. */
  quoting = false;

  constructor(text: string) {
    this.text = text;
  }

  get done(): boolean {
    return this.at >= this.text.length;
  }

  /** The character here, or further on; empty at the end. */
  peek(ahead = 0): string {
    return this.text[this.at + ahead] ?? '';
  }

  /** Takes one character. */
  next(): string {
    const character = this.peek();
    this.at += 1;
    return character;
  }

  /** True where the text goes on like this. */
  sees(expected: string): boolean {
    return this.text.startsWith(expected, this.at);
  }

  /** Takes this text where it stands here. */
  takes(expected: string): boolean {
    if (!this.sees(expected)) {
      return false;
    }
    this.at += expected.length;
    return true;
  }

  /** Takes characters as long as the test holds, at most so many. */
  takeWhile(holds: (character: string) => boolean, most: number = Number.POSITIVE_INFINITY): string {
    const start = this.at;
    while (!this.done && this.at - start < most && holds(this.peek())) {
      this.at += 1;
    }
    return this.text.slice(start, this.at);
  }

  /** The text up to a terminator, which is taken too. */
  takeUntil(terminator: string): string {
    const end = this.text.indexOf(terminator, this.at);
    if (end < 0) {
      throw this.fault(`"${terminator}" is missing`);
    }
    const taken = this.text.slice(this.at, end);
    this.at = end + terminator.length;
    return taken;
  }

  /** Begins and ends quotes that stand here. */
  skipQuoteMarks(): void {
    for (;;) {
      if (this.takes('\\E')) {
        this.quoting = false;
      } else if (!this.quoting && this.takes('\\Q')) {
        this.quoting = true;
      } else {
        return;
      }
    }
  }

  /** Takes quote marks, comments and, where it means nothing, white space. */
  skipIgnored(extended: boolean): void {
    for (;;) {
      const before = this.at;
      this.skipQuoteMarks();
      if (this.quoting) {
        return;
      }
      if (this.takes('(?#')) {
        this.takeUntil(')');
      } else if (extended && this.peek() === '#') {
        this.takeWhile((character) => character !== '\n');
      } else if (extended) {
        this.takeWhile(isIgnoredSpace);
      }
      if (this.at === before) {
        return;
      }
    }
  }

  /** The error that ends the reading. */
  fault(reason: string): VedetteError {
    return new VedetteError('unsupported', `${reason}, at character ${Math.min(this.at, this.text.length)} of the expression`);
  }
}

/** Tells a decimal digit. */
export function isDecimal(character: string): boolean {
  return character >= '0' && character <= '9' && character.length === 1;
}

/** Tells an octal digit. */
export function isOctal(character: string): boolean {
  return character >= '0' && character <= '7' && character.length === 1;
}

/** Tells a hexadecimal digit. */
export function isHex(character: string): boolean {
  return isDecimal(character) || (character >= 'a' && character <= 'f') || (character >= 'A' && character <= 'F');
}

function isIgnoredSpace(character: string): boolean {
  return character === ' ' || (character >= '\t' && character <= '\r');
}
