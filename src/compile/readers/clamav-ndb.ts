/**
 * ClamAV's extended signatures (docs.clamav.net, "Extended signature format"):
 * `Name:TargetType:Offset:HexSignature[:MinFL[:MaxFL]]`. With `$n` for its offset, a line is a member of macro group n
 * ("Macro subsignatures"), which finds nothing by itself.
 */
import type { ByteSignature, SignatureOffset } from '../../pattern/signature.js';
import { signatureFault } from '../../pattern/signatures/signature-shape.js';
import type { LineResult } from '../lines.js';
import { isBlank, readLines } from '../lines.js';
import { parseBody } from './body/clamav-body.js';
import { beginsWithAnchoredRange } from './body/clamav-gap.js';
import type { ParsedOffset } from './body/clamav-offset.js';
import { parseOffset } from './body/clamav-offset.js';
import { parseTarget } from './body/clamav-target.js';
import { levelFault } from './clamav-level.js';
import type { NamedMacroBody, Reader } from './reader.js';
import { nothingRead } from './reader.js';
import { threatFromName } from './threat-from-name.js';

/** Exact bytes that clamscan wants of a body of nothing else, where it looks for such bodies in a way of their own. */
const minLiteral = 3;

type Item = { readonly kind: 'signature'; readonly signature: ByteSignature } | { readonly kind: 'macro'; readonly macro: NamedMacroBody };

interface Fields {
  readonly name: string;
  readonly target: number;
  readonly offset: Exclude<ParsedOffset, { kind: 'fault' }>;
  readonly body: string;
}

/** Reads .ndb: byte signatures and bodies for macros. */
export const readNdb: Reader = (text) => {
  const { items, ...account } = readLines(text, readLine);
  return {
    ...nothingRead,
    signatures: items.flatMap((item) => (item.kind === 'signature' ? [item.signature] : [])),
    macros: items.flatMap((item) => (item.kind === 'macro' ? [item.macro] : [])),
    ...account,
  };
};

function readLine(line: string): LineResult<Item> {
  if (isBlank(line)) {
    return { kind: 'blank' };
  }
  const [name = '', target = '', offset = '', body, minLevel, maxLevel, ...more] = line.split(':', 8);
  const skipped = (reason: string): LineResult<Item> => ({ kind: 'skipped', reason, signature: name === '' ? undefined : name });
  if (body === undefined || more.length > 0) {
    return skipped('expected name:target:offset:body, and two functionality levels at most');
  }
  const parsedTarget = parseTarget(target);
  if (name === '' || parsedTarget.kind === 'fault') {
    return skipped(parsedTarget.kind === 'fault' ? parsedTarget.reason : 'the name is empty');
  }
  const level = levelFault(minLevel, maxLevel);
  if (level !== undefined) {
    return skipped(level);
  }
  const parsedOffset = parseOffset(offset, parsedTarget.target);
  if (parsedOffset.kind === 'fault') {
    return skipped(parsedOffset.reason);
  }
  const item = readItem({ name, target: parsedTarget.target, offset: parsedOffset, body });
  return typeof item === 'string' ? skipped(item) : { kind: 'loaded', items: [item] };
}

/** The item, or why there is none. */
function readItem({ name, target, offset, body }: Fields): Item | string {
  const parsed = parseBody(body, { target, minLiteral: leastLiteral(target, offset) });
  if (parsed.kind === 'fault') {
    return parsed.reason;
  }
  const isPlaced = offset.kind === 'ok' && offset.offset.kind !== 'any';
  if (isPlaced && beginsWithAnchoredRange(body)) {
    return 'an offset of a body that begins with a range in brackets is ambiguous';
  }
  const anywhere: SignatureOffset = { kind: 'any' };
  const signature: ByteSignature = {
    threat: threatFromName(name),
    target,
    offset: offset.kind === 'ok' ? offset.offset : anywhere,
    nodes: parsed.nodes,
  };
  const fault = signatureFault(signature);
  if (fault !== undefined) {
    return fault;
  }
  return offset.kind === 'ok'
    ? { kind: 'signature', signature }
    : { kind: 'macro', macro: { name, body: { target, group: offset.group, offset: anywhere, nodes: parsed.nodes } } };
}

/** As observed of clamscan 1.4.6: bodies for any file, and those for PE files that have a place, are such. */
function leastLiteral(target: number, offset: Fields['offset']): number {
  const isLiteralSearch = target === 0 || (target === 1 && !(offset.kind === 'ok' && offset.offset.kind === 'any'));
  return offset.kind === 'ok' && isLiteralSearch ? minLiteral : 0;
}
