/**
 * Writes the delta from one component file to another one: for each section the smallest of the methods that give it back byte
 * for byte, tried out before it is believed.
 */
import { equalBytes } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import { openContainer, type ComponentKind } from '../../pattern/container.js';
import { readComponentFile } from './component-file.js';
import { applyCopies } from './copy/apply-copies.js';
import { findCopies } from './copy/find-copies.js';
import type { DeltaOptions } from './delta.js';
import { encodeDelta, type DeltaSection, type Method } from './delta-format.js';
import { applyPrefixDelta, makePrefixDelta } from './prefix-delta.js';
import { applyTableDelta } from './table/apply-table.js';
import { makeTableDelta } from './table/make-table.js';

/**
 * The delta. The same files give the same bytes.
 * @throws VedetteError `pattern-refused` for what is no whole component; TypeError for components of two kinds.
 */
export function makeDelta(from: Uint8Array, to: Uint8Array, options: DeltaOptions): Uint8Array {
  const limits = options.limits?.maxBytes === undefined ? {} : { maxBytes: options.limits.maxBytes };
  openContainer(from, { crypto: options.crypto, limits });
  openContainer(to, { crypto: options.crypto, limits });
  const [base, target] = [readComponentFile(from, options.crypto), readComponentFile(to, options.crypto)];
  if (base.head.kind !== target.head.kind) {
    throw new TypeError(`a delta cannot lead from a ${base.head.kind} to a ${target.head.kind}`);
  }
  const sections = [...target.sections].map(([name, section]) => changed(target.head.kind, { name, section, old: base.sections.get(name) }));
  const { head, signature } = target;
  return encodeDelta({ from: base.head.generation, base: base.id, result: target.id, head, signature, sections }, options.crypto);
}

interface SectionPair {
  readonly name: string;
  readonly section: Uint8Array;
  readonly old: Uint8Array | undefined;
}

/** How a section can be told from the old one. */
interface Way {
  readonly method: Method;
  readonly make: (base: Uint8Array, target: Uint8Array) => Uint8Array;
  readonly apply: (payload: Uint8Array, base: Uint8Array, out: Uint8Array) => void;
}

const copyWay: Way = { method: 'copy', make: findCopies, apply: applyCopies };
const prefixWay: Way = { method: 'prefixes', make: makePrefixDelta, apply: applyPrefixDelta };
const tableWay: Way = { method: 'table', make: makeTableDelta, apply: applyTableDelta };

const tables = new Set(['server-pattern hashes', 'agent-pattern allow', 'agent-pattern hashes', 'agent-pattern section-hashes', 'agent-pattern import-hashes']);

function changed(kind: ComponentKind, { name, section, old }: SectionPair): DeltaSection {
  const raw: DeltaSection = { name, method: 'raw', length: section.length, payload: section };
  if (old === undefined) {
    return raw;
  }
  if (equalBytes(old, section)) {
    return { name, method: 'same', length: section.length, payload: new Uint8Array(0) };
  }
  for (const way of waysOf(kind, name)) {
    const payload = tried(way, old, section);
    // Stores take the changes of tables only as such, however short the section is.
    if (payload !== undefined && (way === tableWay || payload.length < section.length)) {
      return { name, method: way.method, length: section.length, payload };
    }
  }
  return raw;
}

/** What knows the form of the section comes first; copies find their way through everything. */
function waysOf(kind: ComponentKind, name: string): readonly Way[] {
  if (tables.has(`${kind} ${name}`)) {
    return [tableWay, copyWay];
  }
  return kind === 'filter' && name.startsWith('prefixes-') ? [prefixWay, copyWay] : [copyWay];
}

/** The payload, if it gives the section back. */
function tried(way: Way, old: Uint8Array, section: Uint8Array): Uint8Array | undefined {
  try {
    const payload = way.make(old, section);
    const out = new Uint8Array(section.length);
    way.apply(payload, old, out);
    return equalBytes(out, section) ? payload : undefined;
  } catch (error) {
    // Another encoding of the same section, or one that is none: copies do not mind.
    if (VedetteError.is(error)) {
      return undefined;
    }
    throw error;
  }
}
