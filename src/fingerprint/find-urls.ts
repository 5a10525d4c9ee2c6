/**
 * URLs in the body of a mail or a message: what a reader, or the program that shows him the text, would take for a link.
 * A text names URLs by scheme or by `www.`; HTML names them in attributes as well, where character references and line
 * breaks hide them. Nothing is fetched. Linear in the text; what is found is bounded, and it is said when that cut it.
 */
import { assertInteger } from '../base/assert.js';
import { decodeReferences } from './html-references.js';
import { canonicalizeUrl } from './url-canonical.js';

/** What is looked at, and how much is taken. */
export interface FindUrlsOptions {
  /** Default `text`. */
  readonly format?: 'text' | 'html' | undefined;
  /** Most URLs that are returned. Default 1000. */
  readonly maxUrls?: number | undefined;
}

/** The URLs of a text. */
export interface FoundUrls {
  /** In the order of the text (of HTML: attributes first), each spelling once. `checkLocal` and `urlSubject` take them as they are. */
  readonly urls: readonly string[];
  /** False when there were more than `maxUrls`, or one run without blanks has more beginnings of URLs than are tried. */
  readonly complete: boolean;
}

/** Where a URL begins. Backslashes are slashes to a browser. */
const opening = /(?:https?|ftp):[/\\]{2}|(?<![\p{L}\p{N}_.@/-])www\.(?=[\p{L}\p{N}])/giu;

/** Where it ends at the latest: blanks, brackets and quotes that no URL has, the middle of a Markdown link, a list's next URL. */
const ending = /[\s\0-\x20\x7f<>"“”«»‹›「」『』]|\]\(|[,;|](?=(?:https?|ftp):[/\\]{2})/iu;

/** What ends a sentence rather than a URL. */
const sentenceEnd = '.,:;!?\'*_~`’…。，、；：！？';

const brackets: Readonly<Record<string, string>> = { ')': '(', ']': '[', '}': '{', '）': '（', '】': '【', '》': '《' };

/** In one run without blanks, this many beginnings are tried: `http://[http://[…` costs no more than its length. */
const maxTriesInRun = 8;

const defaultMaxUrls = 1000;

/** Never throws for what stands in the text. @throws RangeError for a `maxUrls` that is no limit. */
export function findUrls(text: string, options: FindUrlsOptions = {}): FoundUrls {
  const { maxUrls = defaultMaxUrls, format = 'text' } = options;
  assertInteger('maxUrls', maxUrls, { min: 1 });
  const found = new Set<string>();
  const looked: Looked = { everywhere: true };
  for (const url of format === 'html' ? urlsOfHtml(text, looked) : urlsOfText(text, looked)) {
    if (found.size === maxUrls && !found.has(url)) {
      return { urls: [...found], complete: false };
    }
    found.add(url);
  }
  return { urls: [...found], complete: looked.everywhere };
}

/** What a search says besides its URLs. */
interface Looked {
  /** False once a beginning was passed over. */
  everywhere: boolean;
}

function* urlsOfHtml(html: string, looked: Looked): Generator<string> {
  for (const match of html.matchAll(/=\s*(?:"([^"]*)"|'([^']*)')/g)) {
    const value = decodeReferences(match[1] ?? match[2] ?? '').replace(/[\t\r\n]+/g, '').trim();
    if (/^(?:https?|ftp):/i.test(value) && isUrl(value)) {
      yield value;
    }
  }
  yield* urlsOfText(decodeReferences(html), looked);
}

function* urlsOfText(text: string, looked: Looked): Generator<string> {
  let runEnd = 0;
  let tries = 0;
  let isInside = false;
  for (const match of text.matchAll(opening)) {
    const start = match.index;
    if (start >= runEnd) {
      runEnd = endOfRun(text, start);
      tries = 0;
      isInside = false;
    }
    if (isInside || tries >= maxTriesInRun) {
      looked.everywhere &&= isInside;
      continue;
    }
    tries++;
    const url = withoutSentenceEnd(text.slice(start, runEnd));
    if (url.length > match[0].length && isUrl(url)) {
      yield url;
      // What lies inside of a URL is part of it.
      isInside = true;
    }
  }
}

function endOfRun(text: string, start: number): number {
  const length = text.slice(start).search(ending);
  return length < 0 ? text.length : start + length;
}

/** Closing brackets go when nothing in the URL opens them: `(see http://h/a_(b))`. */
function withoutSentenceEnd(url: string): string {
  const open = new Map<string, number>();
  for (const character of url) {
    open.set(character, (open.get(character) ?? 0) + 1);
  }
  let end = url.length;
  for (; end > 0; end--) {
    const last = url[end - 1]!;
    const opener = brackets[last];
    if (opener !== undefined && (open.get(last) ?? 0) > (open.get(opener) ?? 0)) {
      open.set(last, open.get(last)! - 1);
    } else if (!sentenceEnd.includes(last)) {
      break;
    }
  }
  return url.slice(0, end);
}

/** What is too long or escaped too often is a URL that nobody can judge: it must not pass for none. */
function isUrl(text: string): boolean {
  const url = canonicalizeUrl(text);
  return url.kind === 'url' || url.reason === 'too-long' || url.reason === 'too-many-escapes';
}
