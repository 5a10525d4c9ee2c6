/** Offsets of ClamAV's extended signatures (docs.clamav.net, "Extended signature format"). */
import type { SignatureOffset } from '../../../pattern/signature.js';

/** An offset, or why there is none. */
export type ParsedOffset = { readonly kind: 'ok'; readonly offset: SignatureOffset } | { readonly kind: 'fault'; readonly reason: string };

const maxDigits = 10;

/** Parses `*`, `n`, `n,shift`, `EOF-n` and `EOF-n,shift`. A shift that is left empty is 0, as it is for clamscan. */
export function parseOffset(field: string): ParsedOffset {
  if (field === '*') {
    return { kind: 'ok', offset: { kind: 'any' } };
  }
  if (/^(?:EP[+-]|S\d|SE|SL|VI|\$)/.test(field)) {
    return { kind: 'fault', reason: `offset ${field.slice(0, 40)} needs the structure of the file, which is not supported yet` };
  }
  const parts = /^(EOF-)?(\d+)(?:,(\d*))?$/.exec(field);
  const digits = [parts?.[2], parts?.[3] ?? ''];
  if (parts === null || digits.some((number) => number !== undefined && number.length > maxDigits)) {
    return { kind: 'fault', reason: 'the offset is none of "*", n, EOF-n, with or without ",shift"' };
  }
  const distance = Number(digits[0]);
  const shift = Number(digits[1]);
  return { kind: 'ok', offset: parts[1] === undefined ? { kind: 'start', at: distance, shift } : { kind: 'end', before: distance, shift } };
}
