/** How much of what a component holds, by kind of component. */
import type { Json } from '../../../base/seams.js';
import { decodeActionTable } from '../../../pattern/action-table-pattern.js';
import { decodeAgentPattern } from '../../../pattern/agent-pattern.js';
import type { Container } from '../../../pattern/container.js';
import { decodeFilter } from '../../../pattern/filter-pattern.js';
import type { HashTable } from '../../../pattern/hashes/hash-table.js';
import { decodeLists } from '../../../pattern/lists-pattern.js';
import { decodeServerPattern } from '../../../pattern/server-pattern.js';

/** Named counts and settings, in the order in which they are shown. */
export type ComponentContent = Readonly<Record<string, string | number>>;

/** @throws VedetteError `pattern-refused` when the sections do not hold what they should. */
export function contentOf(container: Container): ComponentContent {
  switch (container.kind) {
    case 'agent-pattern': {
      const { signatures, logical, macros, sectionHashes, importHashes, allow, hashes } = decodeAgentPattern(container);
      return {
        'byte signatures': signatures.count,
        'logical signatures': logical.length,
        'macro bodies': macros.length,
        'section hashes': sectionHashes.count,
        'import hashes': importHashes.count,
        ...groupCounts('approved', allow),
        ...groupCounts('local', hashes),
      };
    }
    case 'filter': {
      const { covers, hostRule, prefixes } = decodeFilter(container);
      const counts = prefixes.map((table): [string, number] => [`${table.kind} ${table.algorithm} prefixes`, table.sorted.length]);
      return { 'covers server generation': covers, 'host rule': hostRule, ...Object.fromEntries(counts) };
    }
    case 'server-pattern': {
      const { hostRule, table } = decodeServerPattern(container);
      return { 'host rule': hostRule, ...groupCounts('listed', table) };
    }
    case 'lists':
      return { rules: decodeLists(container).length };
    case 'action-table':
      return { 'types of threats': Object.keys(decodeActionTable(container)).length };
  }
}

/** The same as JSON: `byteSignatures`, `listedFileSha256`. */
export function contentRecord(content: ComponentContent): Json {
  return Object.fromEntries(
    Object.entries(content).map(([name, value]) => [name.replaceAll(/ ([a-z])/g, (_, letter: string) => letter.toUpperCase()), value]),
  );
}

function groupCounts(what: string, table: HashTable): ComponentContent {
  return Object.fromEntries(table.groups.map((group) => [`${what} ${group.kind} ${group.algorithm}`, group.count]));
}
