/**
 * The two kinds of gap in a ClamAV body: `{…}` and `*` between parts, `[n-m]` beside a single byte.
 *
 * Settled with clamscan 1.4.6 where the documentation is silent: a `{…}` whose bounds come to no more than 0 ({0},
 * {-0}, {0-0}) bounds nothing and means `*`; `[n]` is `[n-n]`. clamscan takes {}, {-} and [n-] as well, and {m-n} with
 * m > n as a signature that never matches: these are reported instead.
 */

/** A gap of min to max bytes; without max it has no end. */
export interface ParsedGap {
  readonly min: number;
  readonly max?: number;
}

/** Largest bound of `[n-m]`. */
const maxAnchoredGap = 32;

const maxDigits = 10;

/** The text between the braces; undefined for what is no gap. */
export function parseRange(text: string): ParsedGap | undefined {
  const parts = /^(\d*)(-?)(\d*)$/.exec(text);
  const [min = '', dash = '', max = ''] = parts?.slice(1) ?? [];
  if ((min === '' && max === '') || min.length > maxDigits || max.length > maxDigits) {
    return undefined;
  }
  if (dash !== '' && max === '') {
    return { min: Number(min) };
  }
  const gap = { min: Number(min), max: Number(dash === '' ? min : max) };
  if (gap.max === 0) {
    return { min: 0 };
  }
  return gap.min > gap.max ? undefined : gap;
}

/** The text between the brackets; undefined for what is no anchored gap. */
export function parseAnchoredRange(text: string): Required<ParsedGap> | undefined {
  const parts = /^(\d{1,2})(?:-(\d{1,2}))?$/.exec(text);
  const min = Number(parts?.[1]);
  const max = Number(parts?.[2] ?? parts?.[1]);
  return min <= max && max <= maxAnchoredGap ? { min, max } : undefined;
}

/**
 * True for `aa[x-y]HEX`: clamscan counts an offset of such a body to HEX. The documentation does not say so, and nobody
 * seems to use it, so that such an offset is reported.
 */
export function beginsWithAnchoredRange(body: string): boolean {
  return /^[^*{]{2}\[/.test(body);
}
