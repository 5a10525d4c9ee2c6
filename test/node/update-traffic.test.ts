/**
 * What a day of hourly updates moves, all metadata included: 1 % of the hashes leave and as many come each day. RECORDS=1000000
 * for the figures in docs/updates.md.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { toHex } from '../../src/base/bytes.js';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { publish } from '../../src/node/publish/publish.js';
import { buildContainer, type ComponentKind } from '../../src/pattern/container.js';
import { encodeFilter } from '../../src/pattern/filter-pattern.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import { encodeServerPattern } from '../../src/pattern/server-pattern.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { applyDelta } from '../../src/update/delta/apply-delta.js';
import { diskOrigin, TestClient } from './publish-client.js';
import { everyKey, hourMs, keys, newRepository, roles, startAt } from './publish-scene.js';

const records = Number(process.env['RECORDS'] ?? 3_000);
const hours = 24;
const perHour = Math.max(1, Math.round((records * 0.01) / hours));
const random = createSeededRandom(7);
const crypto = createNodeCrypto();
const kinds = ['filter', 'server-pattern'] as const;

interface Traffic {
  fullBytes: number;
  deltaBytes: number;
  metadataBytes: number;
  packedMetadataBytes: number;
}

const traffic: Record<(typeof kinds)[number], Traffic> = { filter: none(), 'server-pattern': none() };

beforeAll(async () => {
  vi.useFakeTimers({ now: startAt, toFake: ['Date'] });
  const component = { keys: [keys.filter.publicKey] };
  const components = { filter: component, 'server-pattern': component, 'agent-pattern': component };
  const dir = await newRepository({ roles: { ...roles, components } });
  const entries = Array.from({ length: records }, (_, i) => newEntry(i));
  const held = new Map<string, Uint8Array>();
  const clients = new Map<string, TestClient>();
  for (let hour = 0; hour <= hours; hour++) {
    vi.setSystemTime(startAt + hour * hourMs);
    const files = await generation(hour + 1, entries);
    await publish({ dir, components: files, signers: everyKey, now: startAt + hour * hourMs });
    for (const [i, kind] of kinds.entries()) {
      const client = clients.get(kind) ?? new TestClient(diskOrigin(dir), readFileSync(join(dir, 'metadata/1.root.json')));
      clients.set(kind, client);
      const path = hour === 0 ? `${kind}/full.vdt` : `${kind}/${hour}.vdd`;
      const [target] = await client.get(path);
      const base = held.get(kind);
      const file = base === undefined ? target!.bytes : applyDelta(base, target!.bytes, { crypto });
      expect(toHex(crypto.sha256(file))).toBe(toHex(crypto.sha256(files[i]!)));
      held.set(kind, file);
      count(traffic[kind], { dir, client, hour, full: file.length });
    }
    churn(entries, records + hour * perHour);
  }
  clients.forEach((client) => client.end());
}, 900_000);

afterAll(() => vi.useRealTimers());

function count(into: Traffic, { dir, client, hour, full }: { readonly dir: string; readonly client: TestClient; readonly hour: number; readonly full: number }): void {
  for (const { path, bytes } of hour === 0 ? [] : client.read) {
    into.deltaBytes += path.startsWith('targets/') ? bytes : 0;
    into.metadataBytes += path.startsWith('metadata/') ? bytes : 0;
    into.packedMetadataBytes += path.startsWith('metadata/') ? readFileSync(join(dir, `${path}.gz`)).length : 0;
  }
  into.fullBytes += hour === 0 ? 0 : full;
  client.read.length = 0;
}

function none(): Traffic {
  return { fullBytes: 0, deltaBytes: 0, metadataBytes: 0, packedMetadataBytes: 0 };
}

function newEntry(n: number): HashEntry {
  const hash = new Uint8Array(32);
  new Uint32Array(hash.buffer).set(Array.from({ length: 8 }, () => Math.floor(random() * 2 ** 32)));
  return { kind: 'file', algorithm: 'sha256', hash, disposition: 'malicious', threat: { name: `Win.Trojan.Agent-${n}-0`, type: 'trojan' } };
}

function churn(entries: HashEntry[], next: number): void {
  for (let i = 0; i < perHour; i++) {
    entries[Math.floor(random() * entries.length)] = newEntry(next + i);
  }
}

async function generation(number: number, entries: readonly HashEntry[]): Promise<Uint8Array[]> {
  const build = (kind: ComponentKind, sections: [string, Uint8Array][]): Promise<Uint8Array> => {
    const head = { kind, generation: number, createdAt: startAt + number * hourMs, expiresAt: startAt * 2, periodMs: hourMs };
    return buildContainer({ head, sections, crypto, signer: keys.pattern });
  };
  return [
    await build('filter', encodeFilter({ covers: number, hostRule: 'psl', entries })),
    await build('server-pattern', encodeServerPattern({ hostRule: 'psl', entries })),
  ];
}

describe(`a day of hourly updates of ${records} hashes, 1 % of them exchanged`, () => {
  it('moves at most 5 % of what whole server patterns would', () => {
    const { deltaBytes, fullBytes, metadataBytes } = traffic['server-pattern'];
    const share = (deltaBytes + metadataBytes) / fullBytes;
    console.info(`server pattern: ${hours} deltas ${deltaBytes} bytes, metadata ${metadataBytes}, whole files ${fullBytes}: ${(100 * share).toFixed(3)} %`);
    // A few records are outweighed by the heads of 24 deltas and their metadata.
    expect(share).toBeLessThan(records < 100_000 ? 0.2 : 0.05);
  });

  it('moves at most 100 kB for the filter of a million, metadata included', () => {
    const { deltaBytes, metadataBytes, packedMetadataBytes } = traffic.filter;
    console.info(`filter: ${hours} deltas ${deltaBytes} bytes, metadata ${metadataBytes} (${packedMetadataBytes} compressed), in all ${deltaBytes + metadataBytes}`);
    expect(deltaBytes + metadataBytes).toBeLessThan(100_000);
  });
});
