/**
 * ClamAV's extended signatures (docs.clamav.net, "Extended signature format"):
 * `Name:TargetType:Offset:HexSignature[:MinFL[:MaxFL]]`. Kept are signatures for any file, placed from the beginning or
 * the end; what needs the type or structure of a file is reported.
 */
import type { ByteSignature } from '../../pattern/signature.js';
import { signatureFault } from '../../pattern/signatures/signature-shape.js';
import type { LineResult } from '../lines.js';
import { isBlank, readLines } from '../lines.js';
import { threatFromName } from './threat-from-name.js';
import { parseBody } from './body/clamav-body.js';
import { levelFault } from './clamav-level.js';
import { parseOffset } from './body/clamav-offset.js';
import { targetFault } from './body/clamav-target.js';
import type { Reader } from './reader.js';

/** Reads .ndb: byte signatures. */
export const readNdb: Reader = (text) => {
  const { items, ...account } = readLines(text, readSignature);
  return { signatures: items, hashes: [], allow: [], ignored: [], ...account };
};

function readSignature(line: string): LineResult<ByteSignature> {
  if (isBlank(line)) {
    return { kind: 'blank' };
  }
  const [name = '', target = '', offset = '', body, minLevel, maxLevel, ...more] = line.split(':');
  const skipped = (reason: string): LineResult<ByteSignature> => ({ kind: 'skipped', reason, signature: name === '' ? undefined : name });
  if (body === undefined || more.length > 0) {
    return skipped('expected name:target:offset:body, and two functionality levels at most');
  }
  const fault = (name === '' ? 'the name is empty' : undefined) ?? targetFault(target) ?? levelFault(minLevel, maxLevel);
  return fault === undefined ? readBody({ name, offset, body }, skipped) : skipped(fault);
}

function readBody(
  fields: { readonly name: string; readonly offset: string; readonly body: string },
  skipped: (reason: string) => LineResult<ByteSignature>,
): LineResult<ByteSignature> {
  const offset = parseOffset(fields.offset);
  if (offset.kind === 'fault') {
    return skipped(offset.reason);
  }
  const body = parseBody(fields.body);
  if (body.kind === 'fault') {
    return skipped(body.reason);
  }
  if (offset.offset.kind !== 'any' && body.nodes[1]?.kind === 'gap' && /^[^*{]{2}\[/.test(fields.body)) {
    // clamscan counts the offset of aa[x-y]HEX to HEX; the documentation does not say so, and nobody seems to use it.
    return skipped('an offset of a body that begins with a range in brackets is ambiguous');
  }
  const signature: ByteSignature = { threat: threatFromName(fields.name), target: 0, offset: offset.offset, nodes: body.nodes };
  const fault = signatureFault(signature);
  return fault === undefined ? { kind: 'loaded', items: [signature] } : skipped(fault);
}
