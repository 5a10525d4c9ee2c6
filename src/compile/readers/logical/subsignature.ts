/** One subsignature of an .ldb line: which of the special kinds it is, or a body with its offset and modifiers. */
import type { SignatureBody, Subsignature } from '../../../pattern/signature.js';
import { parseBody } from '../body/clamav-body.js';
import { beginsWithAnchoredRange } from '../body/clamav-gap.js';
import { macroGroups, parseOffset } from '../body/clamav-offset.js';
import type { ReaderContext } from '../reader.js';
import { isComparison, parseComparison } from './byte-comparison.js';
import type { PcrePlace } from './pcre.js';
import { isPcre, parsePcre } from './pcre.js';

/** A subsignature, what it needs that vedette has not, or why it is none. */
export type ParsedSubsignature =
  | { readonly kind: 'ok'; readonly part: Subsignature }
  | { readonly kind: 'needs'; readonly reason: string }
  | { readonly kind: 'fault'; readonly reason: string };

/** clamscan keeps the bounds of a macro in 16 bits. */
const maxMacroDistance = 0xffff;

/** Parses a subsignature. */
export function parseSubsignature(text: string, place: PcrePlace, context: Pick<ReaderContext, 'regexFault'>): ParsedSubsignature {
  if (text.startsWith('fuzzy_img')) {
    return parseFuzzyImage(text);
  }
  if (text.startsWith('$')) {
    return parseMacro(text);
  }
  if (isPcre(text)) {
    return parsePcre(text, place, context);
  }
  return isComparison(text) ? parseComparison(text) : parseBodies(text, place.target);
}

function parseFuzzyImage(text: string): ParsedSubsignature {
  return /^fuzzy_img#[0-9a-f]{16}(?:#0)?$/i.test(text)
    ? { kind: 'needs', reason: 'unsupported: fuzzy hashes of images are not compared (fuzzy_img)' }
    : { kind: 'fault', reason: 'the fuzzy hash is not of the form fuzzy_img#16 hex digits' };
}

function parseMacro(text: string): ParsedSubsignature {
  const numbers = /^\$\{(\d{1,5})-(\d{1,5})\}(\d{1,3})\$$/.exec(text)?.slice(1).map(Number);
  const [min = 0, max = 0, group = 0] = numbers ?? [];
  if (numbers === undefined || group >= macroGroups) {
    return { kind: 'fault', reason: `the macro is not of the form \${min-max}group$ with a group below ${macroGroups}` };
  }
  return min <= max && max <= maxMacroDistance
    ? { kind: 'ok', part: { kind: 'macro', min, max, group } }
    : { kind: 'fault', reason: `the range of a macro is empty or goes beyond ${maxMacroDistance}` };
}

function parseBodies(text: string, target: number): ParsedSubsignature {
  const end = text.indexOf('::');
  const modifiers = end === -1 ? '' : text.slice(end + 2);
  const fields = (end === -1 ? text : text.slice(0, end)).split(':');
  if (!/^[iwfa]*$/.test(modifiers)) {
    return { kind: 'fault', reason: 'the modifiers are not among i w f a' };
  }
  if (fields.length > 2) {
    return { kind: 'fault', reason: 'expected a body, with or without an offset before it' };
  }
  const body = fields.at(-1)!;
  const offset = parseOffset(fields.length === 2 ? fields[0]! : '*', target);
  if (offset.kind !== 'ok') {
    return { kind: 'fault', reason: offset.kind === 'group' ? 'a macro group in the place of an offset' : offset.reason };
  }
  if (offset.offset.kind !== 'any' && beginsWithAnchoredRange(body)) {
    return { kind: 'fault', reason: 'an offset of a body that begins with a range in brackets is ambiguous' };
  }
  return bodiesOf(body, { offset: offset.offset, modifiers, target });
}

/** One body, or two where the text is looked for in both widths (`wa`). */
function bodiesOf(
  text: string,
  { offset, modifiers, target }: { readonly offset: SignatureBody['offset']; readonly modifiers: string; readonly target: number },
): ParsedSubsignature {
  const isWide = modifiers.includes('w');
  const widths = isWide && modifiers.includes('a') ? [false, true] : [isWide];
  const isFullword = modifiers.includes('f');
  if (isFullword && widths.includes(false) && text.includes('[')) {
    return { kind: 'fault', reason: 'a range in brackets in a full word' };
  }
  const bodies: SignatureBody[] = [];
  for (const wide of widths) {
    const parsed = parseBody(text, { target, wide, caseless: modifiers.includes('i'), isModified: modifiers !== '' });
    if (parsed.kind === 'fault') {
      return parsed;
    }
    bodies.push({ offset, nodes: parsed.nodes, ...(isFullword ? { fullword: true } : {}), ...(wide ? { wide } : {}) });
  }
  return { kind: 'ok', part: { kind: 'bodies', bodies } };
}
