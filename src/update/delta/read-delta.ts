/** What a delta changes, for stores that keep records instead of files. */
import { unreachable } from '../../base/assert.js';
import type { DeltaChanges, DeltaOptions, SectionChange } from './delta.js';
import { parseDelta, publicHead, type DeltaSection } from './delta-format.js';
import { readPrefixDelta } from './prefix-delta.js';
import { readTableChanges } from './table/read-table.js';

/**
 * The changes, without the base. A store takes them only when what it holds is `base` (`contentId`), and is `result` then;
 * that the delta is the one that was published is for the caller to check (signed metadata).
 * @throws VedetteError `pattern-refused` as `applyDelta` does.
 */
export function readDelta(delta: Uint8Array, options: DeltaOptions): DeltaChanges {
  const parsed = parseDelta(delta, options);
  return { ...publicHead(parsed), sections: parsed.sections.map(sectionChange) };
}

function sectionChange({ name, method, payload }: DeltaSection): SectionChange {
  switch (method) {
    case 'same':
      return { kind: 'same', name };
    case 'raw':
      return { kind: 'raw', name, section: payload };
    case 'copy':
      return { kind: 'bytes', name };
    case 'prefixes':
      return { kind: 'prefixes', name, ...readPrefixDelta(payload) };
    case 'table':
      return { kind: 'table', name, groups: readTableChanges(payload) };
    default:
      return unreachable(method);
  }
}
