/** Opens compiled components, and checks of a split that nothing is missing and nothing is held twice. */
import { toHex } from '../../src/base/bytes.js';
import type { Compiled } from '../../src/compile.js';
import type { Split } from '../../src/compile/split.js';
import { createFilter } from '../../src/filter/create-filter.js';
import type { Filter } from '../../src/filter/filter.js';
import type { AgentPatternTables } from '../../src/pattern/agent-pattern.js';
import { decodeAgentPattern, encodeAgentPattern } from '../../src/pattern/agent-pattern.js';
import type { ComponentKind, Container } from '../../src/pattern/container.js';
import { openContainer } from '../../src/pattern/container.js';
import { decodeFilter, encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import type { HashTable } from '../../src/pattern/hashes/hash-table.js';
import { decodeServerPattern, encodeServerPattern } from '../../src/pattern/server-pattern.js';
import { crypto, head } from '../pattern/fixtures.js';

export interface Opened {
  readonly agent: AgentPatternTables;
  readonly filter: Filter;
  readonly server: HashTable;
}

export function openCompiled(compiled: Compiled): Opened {
  const filter = openContainer(compiled.filter, { crypto });
  return {
    agent: decodeAgentPattern(openContainer(compiled.agent, { crypto })),
    filter: createFilter(decodeFilter(filter), filter.generation),
    server: decodeServerPattern(openContainer(compiled.server, { crypto })).table,
  };
}

/** The same from a split alone, so that a sabotaged one can be looked at. */
export function openSplit(split: Split): Opened {
  const container = (kind: ComponentKind, sections: [string, Uint8Array][]): Container => ({ ...head, kind, formatVersion: 1, sections: new Map(sections), byteLength: 0 });
  return {
    agent: decodeAgentPattern(container('agent-pattern', encodeAgentPattern(split.agent))),
    filter: createFilter(decodeFilter(container('filter', encodeFilter(split.filter))), 1),
    server: decodeServerPattern(container('server-pattern', encodeServerPattern(split.server))).table,
  };
}

/** What is wrong with a split of these listed hashes, in words; nothing when it is right. */
export function splitFaults(opened: Opened, listed: readonly Pick<HashEntry, 'kind' | 'algorithm' | 'hash' | 'size'>[]): string[] {
  const { agent, filter, server } = opened;
  const faults: string[] = [];
  for (const one of listed) {
    const name = `${one.kind} ${one.algorithm} ${toHex(one.hash)}`;
    if (!server.find(one.kind, one.algorithm, one.hash).some((entry) => entry.size === one.size)) {
      faults.push(`${name} is not on the server`);
    }
    if (filter.judge(one) !== 'maybe') {
      faults.push(`${name} passes the filter`);
    }
    if (agent.hashes.find(one.kind, one.algorithm, one.hash).length > 0) {
      faults.push(`${name} is held by the agent as well`);
    }
  }
  const keys = [...server.entries()].map((entry) => JSON.stringify([entry.kind, toHex(entry.hash), entry.size, entry.threat, entry.score, entry.disposition]));
  if (new Set(keys).size !== keys.length) {
    faults.push(`${keys.length - new Set(keys).size} entries are on the server twice`);
  }
  return faults;
}
