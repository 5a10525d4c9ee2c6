import { describe, expect, it } from 'vitest';
import { VedetteError } from '../../src/base/errors.js';
import type { AgentPatternData } from '../../src/pattern/agent-pattern.js';
import { decodeAgentPattern, emptyAgentPattern, encodeAgentPattern } from '../../src/pattern/agent-pattern.js';
import type { ComponentKind } from '../../src/pattern/container.js';
import { buildContainer, openContainer } from '../../src/pattern/container.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import type { LogicalSignature } from '../../src/pattern/signature.js';
import { createPortableCrypto } from '../../src/preset/portable-crypto.js';

const crypto = createPortableCrypto();
const entry = (byte: number, change: Partial<HashEntry> = {}): HashEntry => ({
  kind: 'file',
  algorithm: 'sha256',
  hash: new Uint8Array(32).fill(byte),
  disposition: 'malicious',
  threat: { name: `N${byte}`, type: 'trojan' },
  ...change,
});
const data: AgentPatternData = {
  ...emptyAgentPattern,
  signatures: [
    {
      threat: { name: 'S', type: 'exploit' },
      target: 0,
      offset: { kind: 'end', before: 9, shift: 1 },
      nodes: [{ kind: 'bytes', value: Uint8Array.of(1, 2, 3), mask: Uint8Array.of(255, 240, 255) }],
    },
  ],
  allow: [entry(1, { disposition: 'clean', algorithm: 'md5', hash: new Uint8Array(16).fill(1), size: 12 })],
  hashes: [entry(2), entry(3)],
};

async function containerOf(sections: readonly (readonly [string, Uint8Array])[], kind: ComponentKind = 'agent-pattern') {
  const bytes = await buildContainer({ head: { kind, generation: 4, createdAt: 1, expiresAt: 2, periodMs: 3 }, sections, crypto });
  return openContainer(bytes, { crypto });
}

function causeOf(call: () => unknown): unknown {
  try {
    return call();
  } catch (error) {
    expect(VedetteError.is(error) && error.code).toBe('pattern-refused');
    return VedetteError.is(error) ? (error.detail as { cause: string }).cause : error;
  }
}

describe('an agent pattern', () => {
  it('holds what it was made from', async () => {
    const tables = decodeAgentPattern(await containerOf(encodeAgentPattern(data)));
    expect([...tables.signatures]).toEqual(data.signatures);
    expect([...tables.allow.entries()]).toEqual(data.allow);
    expect([...tables.hashes.entries()]).toEqual(data.hashes);
  });

  it('holds logical signatures, macro bodies and hashes of parts of files in sections of their own, where there are any', async () => {
    const body = { offset: { kind: 'any' as const }, nodes: data.signatures[0]!.nodes };
    const logical: LogicalSignature[] = [
      { threat: { name: 'L', type: 'x' }, description: { target: 1 }, expression: { kind: 'part', part: 0 }, parts: [{ kind: 'bodies', bodies: [body] }] },
    ];
    const more: AgentPatternData = { ...data, logical, macros: [{ ...body, target: 1, group: 3 }], sectionHashes: [entry(4, { size: 9 })], importHashes: [entry(5)] };
    const sections = encodeAgentPattern(more);
    expect(encodeAgentPattern(data).map(([name]) => name)).toEqual(['signatures', 'allow', 'hashes', 'anchors']);
    expect(sections.map(([name]) => name)).toEqual(['signatures', 'allow', 'hashes', 'anchors', 'logical', 'macros', 'section-hashes', 'import-hashes']);
    const tables = decodeAgentPattern(await containerOf(sections));
    expect([tables.logical, tables.macros]).toEqual([more.logical, more.macros]);
    expect([[...tables.sectionHashes.entries()], [...tables.importHashes.entries()]]).toEqual([more.sectionHashes, more.importHashes]);
    const container = await containerOf(sections);
    expect(causeOf(() => decodeAgentPattern(container, { maxLogical: 0 }))).toBe('limit');
    expect(causeOf(() => decodeAgentPattern(container, { maxMacros: 0 }))).toBe('limit');
  });

  it('may be empty', async () => {
    const tables = decodeAgentPattern(await containerOf(encodeAgentPattern(emptyAgentPattern)));
    expect([tables.signatures.count, tables.logical.length, tables.macros.length]).toEqual([0, 0, 0]);
    expect([tables.allow.count, tables.hashes.count, tables.sectionHashes.count, tables.importHashes.count]).toEqual([0, 0, 0, 0]);
  });

  it('is refused as another component, without one of its sections, and with a section that is none', async () => {
    const sections = encodeAgentPattern(data);
    const filter = await containerOf(sections, 'filter');
    const without = await containerOf(sections.filter(([name]) => name !== 'allow'));
    const other = await containerOf(sections.map(([name, bytes]): [string, Uint8Array] => [name, name === 'signatures' ? Uint8Array.of(9) : bytes]));
    expect([filter, without, other].map((container) => causeOf(() => decodeAgentPattern(container)))).toEqual(['kind', 'malformed', 'version']);
  });

  it('is read under the limits of its signatures', async () => {
    const container = await containerOf(encodeAgentPattern(data));
    expect(causeOf(() => decodeAgentPattern(container, { maxSignatures: 0 }))).toBe('limit');
  });
});
