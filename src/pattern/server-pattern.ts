/** The server pattern as a component: everything that is listed, in full. docs/patterns.md, "Server pattern". */
import type { HostRule } from '../base/fingerprint.js';
import type { Container } from './container.js';
import { requireSection } from './container.js';
import type { HashEntry } from './hash-entry.js';
import type { HashTable } from './hashes/hash-table.js';
import { encodeHashTable, openHashTable } from './hashes/hash-table.js';
import { ByteReader } from './bytes/byte-reader.js';
import { hostRuleCode, hostRuleOf } from './host-rule.js';

/** What a server pattern is made from. */
export interface ServerPatternData {
  readonly hostRule: HostRule;
  readonly entries: readonly HashEntry[];
}

/** What a server answers from. */
export interface ServerPatternTables {
  readonly hostRule: HostRule;
  readonly generation: number;
  readonly table: HashTable;
}

/** The sections of a server pattern. @throws TypeError, RangeError for entries that cannot be. */
export function encodeServerPattern(data: ServerPatternData): [string, Uint8Array][] {
  return [
    ['meta', Uint8Array.of(hostRuleCode(data.hostRule))],
    ['hashes', encodeHashTable(data.entries)],
  ];
}

/** Opens a server pattern in place. @throws VedetteError `pattern-refused` for another component or a faulty table. */
export function decodeServerPattern(container: Container): ServerPatternTables {
  const meta = new ByteReader(requireSection(container, 'server-pattern', 'meta'), 'meta');
  const hostRule = hostRuleOf(meta.u8());
  meta.end();
  const table = openHashTable(requireSection(container, 'server-pattern', 'hashes'));
  return { hostRule, generation: container.generation, table };
}
