/**
 * PCRE subsignatures (docs.clamav.net, "PCRE subsignatures"): `[offset:]trigger/expression/flags`. As clamscan does it, the
 * last slash ends the expression, whatever stands before it, and modifiers of bodies (`::i`) mean nothing behind the flags.
 */
import type { PcreSubsignature } from '../../../pattern/signature.js';
import { parseOffset } from '../body/clamav-offset.js';
import { byteText } from '../byte-text.js';
import type { ReaderContext } from '../reader.js';
import { parseExpression } from './expression.js';

/** A PCRE subsignature, or why it is none. */
export type ParsedPcre = { readonly kind: 'ok'; readonly part: PcreSubsignature } | { readonly kind: 'fault'; readonly reason: string };

/** Where the subsignature stands. */
export interface PcrePlace {
  /** Its own number: a trigger names only those before it. */
  readonly index: number;
  readonly target: number;
}

const maxSourceBytes = 65_536;

/** True for a subsignature that is meant as an expression. */
export function isPcre(text: string): boolean {
  return text.includes('/');
}

/** Parses a PCRE subsignature. */
export function parsePcre(text: string, { index, target }: PcrePlace, context: Pick<ReaderContext, 'regexFault'>): ParsedPcre {
  const [first, last] = [text.indexOf('/'), text.lastIndexOf('/')];
  const head = text.slice(0, first);
  const colon = head.lastIndexOf(':');
  const offset = parseOffset(colon === -1 ? '*' : head.slice(0, colon), target);
  const trigger = parseExpression(head.slice(colon + 1));
  const source = byteText(text.slice(first + 1, last));
  const flags = [...new Set(text.slice(last + 1).replace(/::.*$/s, ''))].join('');
  if (offset.kind !== 'ok') {
    return { kind: 'fault', reason: offset.kind === 'group' ? 'an expression has no macro group' : offset.reason };
  }
  if (trigger.kind === 'fault') {
    return { kind: 'fault', reason: `the trigger of the expression: ${trigger.reason}` };
  }
  if (trigger.maxPart >= index) {
    return { kind: 'fault', reason: 'the trigger of an expression names itself or a later subsignature' };
  }
  const isMixed = colon !== -1 && text.includes('::', last);
  const fault = (isMixed ? 'modifiers behind an expression with an offset' : undefined) ?? textFault(source, flags, first === last) ?? context.regexFault(source, flags);
  return fault === undefined
    ? { kind: 'ok', part: { kind: 'pcre', offset: offset.offset, trigger: trigger.expression, source, flags } }
    : { kind: 'fault', reason: fault };
}

function textFault(source: string, flags: string, isOpen: boolean): string | undefined {
  if (isOpen) {
    return 'the expression has no second "/"';
  }
  if (source === '' || source.length > maxSourceBytes) {
    return `the expression is empty or longer than ${maxSourceBytes} bytes`;
  }
  if (!/^[gresimxAEU]*$/.test(flags)) {
    return 'the flags of the expression are not among g r e i s m x A E U';
  }
  return /\(\*UTF/.test(source) ? 'an expression cannot turn to UTF' : undefined;
}
