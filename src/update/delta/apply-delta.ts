/**
 * From an old component file and a delta to the new file, byte for byte. Nothing is believed until the digest of what came
 * out is the one that the delta names; whether that file is to be trusted is decided by its own signature (`install.ts`).
 */
import { equalBytes } from '../../base/bytes.js';
import { unreachable } from '../../base/assert.js';
import type { SectionRow } from '../../pattern/container-format.js';
import { refused } from '../../pattern/refused.js';
import type { ComponentFile } from './component-file.js';
import { encodeHead, readComponentFile } from './component-file.js';
import { applyCopies } from './copy/apply-copies.js';
import type { DeltaOptions } from './delta.js';
import type { Delta, DeltaSection } from './delta-format.js';
import { parseDelta, resultBytes, resultHeadBytes } from './delta-format.js';
import { applyPrefixDelta } from './prefix-delta.js';
import { applyTableDelta } from './table/apply-table.js';

/**
 * The file that the delta leads to. Cost: one pass over base and result, memory for both.
 * @throws VedetteError `pattern-refused`, `detail.cause`: `base` (made for another file), not-a-pattern, version, truncated,
 * altered, malformed, limit, kind.
 */
export function applyDelta(base: Uint8Array, delta: Uint8Array, options: DeltaOptions): Uint8Array {
  const parsed = parseDelta(delta, options);
  const from = readComponentFile(base, options.crypto);
  assertBase(parsed, from);
  const file = new Uint8Array(resultBytes(parsed));
  const rows: SectionRow[] = [];
  let at = resultHeadBytes(parsed);
  for (const section of parsed.sections) {
    const out = file.subarray(at, at + section.length);
    fillSection(section, from.sections.get(section.name), out);
    rows.push({ name: section.name, length: section.length, digest: options.crypto.sha256(out) });
    at += section.length;
  }
  const head = encodeHead(parsed.head, rows, { signature: parsed.signature, crypto: options.crypto });
  if (!equalBytes(head.subarray(head.length - parsed.result.length), parsed.result)) {
    throw refused('altered', 'what comes out is not what the delta says: the base or the delta is damaged');
  }
  file.set(head);
  return file;
}

function assertBase(delta: Delta, from: ComponentFile): void {
  if (from.head.kind !== delta.head.kind) {
    throw refused('kind', `a delta of a ${delta.head.kind} does not fit a ${from.head.kind}`, { expected: delta.head.kind, kind: from.head.kind });
  }
  if (!equalBytes(from.id, delta.base)) {
    throw refused('base', `the delta leads on from generation ${delta.from}, the file is of generation ${from.head.generation} or another one of it`, {
      from: delta.from,
      generation: from.head.generation,
    });
  }
}

function fillSection({ name, method, payload }: DeltaSection, base: Uint8Array | undefined, out: Uint8Array): void {
  if (method === 'raw') {
    copyWhole(name, payload, out);
    return;
  }
  if (base === undefined) {
    throw refused('malformed', `section ${name} is made from one that the base does not have`, { section: name });
  }
  switch (method) {
    case 'same':
      return copyWhole(name, base, out);
    case 'copy':
      return applyCopies(payload, base, out);
    case 'prefixes':
      return applyPrefixDelta(payload, base, out);
    case 'table':
      return applyTableDelta(payload, base, out);
    default:
      return unreachable(method);
  }
}

function copyWhole(name: string, bytes: Uint8Array, out: Uint8Array): void {
  if (bytes.length !== out.length) {
    throw refused('malformed', `section ${name} has ${bytes.length} bytes where ${out.length} were told`, { section: name });
  }
  out.set(bytes);
}
