/**
 * URLs a line, from a file, a pipe or standard input, as they come: lists of millions of lines take no more memory than
 * a few. untrusted: whoever wrote them.
 */
import { createReadStream } from 'node:fs';
import { fileError } from './read-file.js';

/** A name for standard input. */
export const standardInput = '-';

/**
 * Characters of a line that are kept: more than any URL may have, so that a longer line still ends as "too long" and
 * not as its beginning.
 */
const maxLineChars = 65_537;

/** Where lines may come from: a file's name, or what stands on standard input. */
export interface LineSource {
  readonly file: string;
  stdin(): AsyncIterable<Uint8Array>;
  /** Ends reading, without an error. */
  readonly signal: AbortSignal;
}

/**
 * The lines that hold something, without surrounding blanks; `#` begins a comment.
 * @throws VedetteError `config-invalid`, one line that names the file, when it cannot be read.
 */
export async function* urlLines(from: LineSource): AsyncGenerator<string> {
  for await (const line of rawLines(from)) {
    const url = line.trim();
    if (url !== '' && !url.startsWith('#')) {
      yield url;
    }
  }
}

/** Counts what `urlLines` will yield, for the progress bar: never standard input, which can be read but once. */
export async function countUrlLines(from: LineSource, expect: () => void): Promise<void> {
  if (from.file === standardInput) {
    return;
  }
  for await (const _ of urlLines(from)) {
    expect();
  }
}

async function* rawLines(from: LineSource): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of bytesOf(from)) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    // A line without end must not be kept whole: what is over the limit is dropped as it comes.
    rest = (lines.pop() ?? '').slice(0, maxLineChars);
    for (const line of lines) {
      yield line.slice(0, maxLineChars);
    }
  }
  const last = rest + decoder.decode();
  if (last !== '') {
    yield last;
  }
}

async function* bytesOf(from: LineSource): AsyncGenerator<Uint8Array> {
  const { file, signal } = from;
  const isStdin = file === standardInput;
  try {
    for await (const chunk of isStdin ? from.stdin() : createReadStream(file, { signal })) {
      yield chunk as Uint8Array;
    }
  } catch (error) {
    if (!signal.aborted) {
      throw fileError(isStdin ? 'standard input' : file, error);
    }
  }
}
