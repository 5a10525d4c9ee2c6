/**
 * Offsets of ClamAV's signatures (docs.clamav.net, "Extended signature format" and the part on version information of
 * "Logical signatures"), and `$n`, by which a line says that it is no signature but a member of a macro group.
 *
 * clamscan 1.4.6 takes some forms that nobody documents: nothing at all and "EOF-" without a number for places where
 * nothing is found, shifts after SEx and VI. They are reported.
 */
import type { SignatureOffset } from '../../../pattern/signature.js';
import { isExecutable } from './clamav-target.js';

/** An offset, the macro group that stands in its place, or why there is none. */
export type ParsedOffset =
  | { readonly kind: 'ok'; readonly offset: SignatureOffset }
  | { readonly kind: 'group'; readonly group: number }
  | { readonly kind: 'fault'; readonly reason: string };

/** Numbers of macro groups are below this. */
export const macroGroups = 32;

const number = String.raw`(\d{1,10})`;
const shift = String.raw`(?:,(\d{0,10}))?`;

const forms: readonly (readonly [RegExp, (...numbers: readonly number[]) => SignatureOffset])[] = [
  [/^\*$/, () => ({ kind: 'any' })],
  [form(number + shift), (at = 0, by = 0) => ({ kind: 'start', at, shift: by })],
  [form(`EOF-${number}${shift}`), (before = 0, by = 0) => ({ kind: 'end', before, shift: by })],
  [form(String.raw`EP\+${number}${shift}`), (by = 0, more = 0) => ({ kind: 'entry-point', by, shift: more })],
  [form(`EP-${number}${shift}`), (by = 0, more = 0) => ({ kind: 'entry-point', by: by === 0 ? 0 : -by, shift: more })],
  [form(String.raw`S(\d{1,5})\+${number}${shift}`), (section = 0, by = 0, more = 0) => ({ kind: 'section', section, by, shift: more })],
  [form(String.raw`SL\+${number}${shift}`), (by = 0, more = 0) => ({ kind: 'section', section: 'last', by, shift: more })],
  [form(String.raw`SE(\d{1,5})`), (section = 0) => ({ kind: 'in-section', section })],
  [form('VI'), () => ({ kind: 'version-information' })],
];

/** Parses the offset of a signature for this target type. A shift that is left empty is 0, as it is for clamscan. */
export function parseOffset(field: string, target: number): ParsedOffset {
  if (field.startsWith('$')) {
    return parseGroup(field);
  }
  for (const [pattern, make] of forms) {
    const numbers = pattern.exec(field)?.slice(1);
    if (numbers !== undefined) {
      return accepted(make(...numbers.map((digits) => Number(digits ?? ''))), target);
    }
  }
  return { kind: 'fault', reason: 'the offset is none of "*", n, EOF-n, EP+n, EP-n, Sx+n, SL+n (each with or without ",shift"), SEx, VI' };
}

function accepted(offset: SignatureOffset, target: number): ParsedOffset {
  const isPlain = offset.kind === 'any' || offset.kind === 'start' || offset.kind === 'end';
  return isPlain || isExecutable(target)
    ? { kind: 'ok', offset }
    : { kind: 'fault', reason: `the offset needs an executable (target type 1, 6 or 9), not target type ${target}` };
}

function parseGroup(field: string): ParsedOffset {
  const digits = /^\$(\d{1,3})$/.exec(field)?.[1];
  return digits !== undefined && Number(digits) < macroGroups
    ? { kind: 'group', group: Number(digits) }
    : { kind: 'fault', reason: `the offset is no macro group: $0 to $${macroGroups - 1}` };
}

function form(text: string): RegExp {
  return new RegExp(`^${text}$`);
}
