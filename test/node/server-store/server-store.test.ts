import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { copyFile, mkdir, open, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { buildContainer, openContainer } from '../../../src/pattern/container.js';
import type { HashEntry } from '../../../src/pattern/hash-entry.js';
import { encodeServerPattern } from '../../../src/pattern/server-pattern.js';
import { createNodeCrypto } from '../../../src/node/node-crypto.js';
import { generateKeyPair } from '../../../src/node/node-keys.js';
import { applyServerDelta } from '../../../src/node/server-store/apply-server-delta.js';
import { importServerPattern } from '../../../src/node/server-store/import-server-pattern.js';
import { openServerStore, type ServerStore } from '../../../src/node/server-store/open-server-store.js';
import { readCurrent } from '../../../src/node/server-store/generation-files.js';
import { withStoreLock } from '../../../src/node/server-store/store-lock.js';
import { verifyPatternFile } from '../../../src/node/server-store/verified-pattern.js';
import { writeTable } from '../../../src/node/server-store/write-table.js';
import { importTable } from '../../../src/server/store/import/import-table.js';
import type { TableTarget } from '../../../src/server/store/import/table-writer.js';
import { createMemoryStore } from '../../../src/server/memory-store.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { describeReputationStore } from '../../../src/testing/suites/store-suite.js';
import { makeDelta } from '../../../src/update/delta/make-delta.js';
import { readDelta } from '../../../src/update/delta/read-delta.js';
import { hashGroups } from '../../../src/pattern/hashes/hash-groups.js';
import { serverPattern } from '../../support/server-fixtures.js';
import { cursorOver, entries, origin } from '../../support/stored-tables.js';
import { tempDir } from '../../support/temp-dir.js';

const crypto = createNodeCrypto();
const dir = tempDir('server-store');
let made = 0;

async function imported(listed: readonly HashEntry[], generation = 5): Promise<string> {
  const at = join(dir, `s${made++}`);
  await writeFile(`${at}.vsp`, await serverPattern(listed, generation));
  await importServerPattern({ file: `${at}.vsp`, dir: at, crypto, trust: [] });
  return at;
}

const entry = (head: number, name: string): HashEntry => ({
  kind: 'file', algorithm: 'sha256', hash: new Uint8Array(32).fill(head), disposition: 'malicious', threat: { name, type: 't' },
});
const refusedFor = (cause: string): Error => expect.objectContaining({ code: 'pattern-refused', detail: expect.objectContaining({ cause }) as object }) as Error;
const asked = [new Uint8Array(4).fill(1)];

describeReputationStore({ describe, it }, {
  name: 'lmdb',
  create: async ({ entries: listed, generation }) => openServerStore({ dir: await imported(listed, generation) }),
  dispose: (store) => (store as ServerStore).close(),
});

describe('importing a server pattern', () => {
  it('takes what a trusted key signed, and nothing else', async () => {
    const [key, other] = [generateKeyPair(), generateKeyPair()];
    const file = join(dir, 'signed.vsp');
    const head = { kind: 'server-pattern', generation: 3, createdAt: 1, expiresAt: 2, periodMs: 3 } as const;
    await writeFile(file, await buildContainer({ head, sections: encodeServerPattern({ hostRule: 'psl', entries: [entry(1, 'A')] }), crypto, signer: key.signer }));
    await writeFile(`${file}.plain`, await serverPattern([entry(1, 'A')]));
    const at = join(dir, 'trust');
    const take = (name: string, trust: Uint8Array[]): Promise<unknown> => importServerPattern({ file: name, dir: at, crypto, trust });
    await expect(take(file, [other.publicKey])).rejects.toThrow(refusedFor('untrusted'));
    await expect(take(`${file}.plain`, [key.publicKey])).rejects.toThrow(refusedFor('unsigned'));
    expect(existsSync(join(at, 'current.json'))).toBe(false);
    expect(await take(file, [other.publicKey, key.publicKey])).toMatchObject({ generation: 3 });
    await expect(take(join(dir, 'none.vsp'), [])).rejects.toThrow(expect.objectContaining({ code: 'config-invalid' }) as Error);
  });

  it('refuses every file with a flipped bit or a cut end, and leaves the store as it was', async () => {
    const key = generateKeyPair();
    const head = { kind: 'server-pattern', generation: 9, createdAt: 1, expiresAt: 2, periodMs: 3 } as const;
    const sections = encodeServerPattern({ hostRule: 'psl', entries: Array.from({ length: 30 }, (_, i) => entry(i, `N${i}`)) });
    const good = await buildContainer({ head, sections, crypto, signer: key.signer });
    const at = await imported([entry(1, 'Before')]);
    const random = createSeededRandom(1);
    const file = join(dir, 'bad.vsp');
    for (let i = 0; i < Number(process.env['FUZZ_RUNS'] ?? 60); i++) {
      const bad = good.slice(0, random() < 0.3 ? Math.floor(random() * good.length) : undefined);
      bad[Math.floor(random() * bad.length)]! ^= bad.length < good.length ? 0 : 1 << Math.floor(random() * 8);
      await writeFile(file, bad);
      await expect(importServerPattern({ file, dir: at, crypto, trust: [key.publicKey] })).rejects.toThrow(expect.objectContaining({ code: 'pattern-refused' }) as Error);
    }
    const store = await openServerStore({ dir: at });
    expect((await store.lookup('file', 'sha256', asked))[0]?.[0]?.threats[0]?.name).toBe('Before');
    await store.close();
    expect(readdirSync(at).filter((name) => name.endsWith('.mdb'))).toHaveLength(1);
  });

  it('notices a file that changes between the two times that it is read', async () => {
    const file = join(dir, 'changing.vsp');
    await writeFile(file, await serverPattern([entry(1, 'A')]));
    const pattern = await verifyPatternFile(file, { crypto, trust: [] });
    const handle = await open(file, 'r+');
    await handle.write(Buffer.of(7), 0, 1, pattern.section('hashes').at + 20);
    await handle.close();
    expect(() => pattern.source.piece(0)).toThrow(refusedFor('altered'));
    pattern.close();
  });

  it('goes back to an older generation only when it is told to', async () => {
    const at = await imported([entry(1, 'New')], 8);
    await writeFile(`${at}.old`, await serverPattern([entry(1, 'Old')], 7));
    await expect(importServerPattern({ file: `${at}.old`, dir: at, crypto, trust: [] })).rejects.toThrow(refusedFor('older'));
    await importServerPattern({ file: `${at}.old`, dir: at, crypto, trust: [], rollback: true });
    const store = await openServerStore({ dir: at });
    expect(store.generation).toBe(7);
    await store.close();
  });
});

describe('a store on disk', () => {
  it('goes over to a new table while it answers, and tells of it', async () => {
    const at = await imported([entry(1, 'One')], 1);
    const switched: number[] = [];
    const store = await openServerStore({ dir: at, pollMs: 1_000_000, onSwitch: ({ generation }) => switched.push(generation) });
    expect(await store.refresh()).toBe(false);
    for (let generation = 2; generation <= 6; generation++) {
      await writeFile(`${at}.vsp`, await serverPattern([entry(1, `G${generation}`)], generation));
      await importServerPattern({ file: `${at}.vsp`, dir: at, crypto, trust: [] });
      expect((await store.lookup('file', 'sha256', asked))[0]).toHaveLength(1);
      expect(await store.refresh()).toBe(true);
      expect((await store.lookup('file', 'sha256', asked))[0]?.[0]?.threats[0]?.name).toBe(`G${generation}`);
    }
    expect([store.generation, switched]).toEqual([6, [2, 3, 4, 5, 6]]);
    await store.close();
    expect(() => store.lookup('file', 'sha256', asked)).toThrow(expect.objectContaining({ code: 'closed' }) as Error);
  });

  it('takes the deltas that are published, and is then what the whole file would have made it', async () => {
    await fc.assert(
      fc.asyncProperty(entries, entries, async (before, after) => {
        const [old, next] = [await serverPattern(before, 1), await serverPattern(after, 2)];
        const at = await imported(before, 1);
        const changes = readDelta(makeDelta(old, next, { crypto }), { crypto });
        const isWhole = changes.sections.some((one) => one.kind === 'raw' || one.kind === 'bytes');
        if (isWhole) {
          await expect(applyServerDelta({ dir: at, changes })).rejects.toThrow(refusedFor('raw'));
          return;
        }
        expect(await applyServerDelta({ dir: at, changes })).toMatchObject({ generation: 2, contentId: changes.result });
        const [store, memory] = [await openServerStore({ dir: at }), createMemoryStore(next, { crypto })];
        for (const { kind, algorithm } of hashGroups) {
          const prefixes = [0, 50, 100, 150, 200, 250].map((byte) => new Uint8Array(4).fill(byte));
          expect(await store.lookup(kind, algorithm, prefixes)).toEqual(await memory.lookup(kind, algorithm, prefixes));
        }
        await store.close();
        await expect(applyServerDelta({ dir: at, changes })).rejects.toThrow(refusedFor('base'));
      }),
      { numRuns: Math.min(200, Number(process.env['FUZZ_RUNS'] ?? 25)) },
    );
  });

  it('is written by one at a time: whoever comes second is told, and nothing is lost', async () => {
    const [old, next] = [[entry(1, 'A')], [entry(1, 'A'), entry(2, 'B')]];
    const at = await imported(old, 1);
    const changes = readDelta(makeDelta(await serverPattern(old, 1), await serverPattern(next, 2), { crypto }), { crypto });
    await writeFile(`${at}.vsp`, await serverPattern(next, 2));
    const busy = expect.objectContaining({ code: 'store-busy' }) as Error;
    const take = (): Promise<unknown> => importServerPattern({ file: `${at}.vsp`, dir: at, crypto, trust: [] });
    await withStoreLock(at, async () => {
      await expect(applyServerDelta({ dir: at, changes })).rejects.toThrow(busy);
      await expect(take()).rejects.toThrow(busy);
    });
    await take();
    expect(readdirSync(at).filter((name) => !name.endsWith('-lock')).sort()).toEqual(['current.json', expect.stringMatching(/^table-2-/) as string]);
  });

  it('takes twice its place at most while it is changed, after a writer that was killed as well', async () => {
    const at = await imported([entry(1, 'A')], 1);
    await writeFile(join(at, 'table-2-0badc0de.mdb'), new Uint8Array(1000));
    const tables = (): string[] => readdirSync(at).filter((name) => name.endsWith('.mdb'));
    const most: number[] = [];
    const steps = function* ({ sink, checksum }: TableTarget): Generator<void, void> {
      const hashes = openContainer(pattern, { crypto }).sections.get('hashes')!;
      most.push(tables().length);
      yield* importTable(cursorOver(hashes), { sink, checksum, origin });
      most.push(tables().length);
    };
    const pattern = await serverPattern([entry(1, 'A')], 2);
    const { file } = (await readCurrent(at))!;
    await writeTable({ dir: at, generation: 2, inUse: file }, steps);
    expect([most, tables().length]).toEqual([[2, 2], 1]);
  });

  it('does not go over to a table that is damaged: it says so and answers from the one that it has', async () => {
    const at = await imported([entry(1, 'One')], 1);
    const store = await openServerStore({ dir: at, pollMs: 1_000_000 });
    await writeFile(`${at}.vsp`, await serverPattern(Array.from({ length: 200 }, (_, i) => entry(i, `N${i}`)), 2));
    await importServerPattern({ file: `${at}.vsp`, dir: at, crypto, trust: [] });
    const file = join(at, (await readCurrent(at))!.file);
    const bytes = await readFile(file);
    bytes[bytes.indexOf(new Uint8Array(32).fill(77))]! ^= 1;
    await writeFile(file, bytes);
    await expect(store.refresh()).rejects.toThrow(expect.objectContaining({ code: 'store-damaged' }) as Error);
    expect([store.generation, (await store.lookup('file', 'sha256', asked))[0]?.[0]?.threats[0]?.name]).toEqual([1, 'One']);
    await store.close();
  });

  it('is damaged, and says so, where its file was cut or its pointer is none', async () => {
    const damaged = expect.objectContaining({ code: 'store-damaged' }) as Error;
    await expect(openServerStore({ dir: join(dir, 'nowhere') })).rejects.toThrow(damaged);
    const at = await imported([entry(1, 'A')]);
    const name = readdirSync(at).find((one) => one.endsWith('.mdb'))!;
    const whole = await readFile(join(at, name));
    await writeFile(join(at, name), whole.subarray(0, whole.length - 4096));
    await expect(openServerStore({ dir: at })).rejects.toThrow(damaged);
    await writeFile(join(at, name), whole);
    await writeFile(join(at, 'current.json'), '{"file":"../../etc/passwd","generation":1,"bytes":1}');
    await expect(openServerStore({ dir: at })).rejects.toThrow(damaged);
  });

  it('is the old or the new one after a kill at any moment of an import', async () => {
    const kills = Math.min(200, Number(process.env['KILLS'] ?? 4));
    const random = createSeededRandom(8);
    const at = await imported([entry(1, 'G1')], 1);
    const many = Array.from({ length: 20_000 }, (_, i): HashEntry => ({
      ...entry(1, `N${i}`), hash: i === 0 ? new Uint8Array(32).fill(1) : createHash('sha256').update(String(i)).digest(),
    }));
    await writeFile(`${at}.vsp`, await serverPattern(many, 2));
    const script = await bundled();
    const seen = new Set<number>();
    for (let i = 0; i < kills; i++) {
      await mkdir(`${at}-k${i}`);
      for (const name of readdirSync(at)) {
        await copyFile(join(at, name), join(`${at}-k${i}`, name));
      }
      const child = spawn(process.execPath, [script, `${at}.vsp`, `${at}-k${i}`], { stdio: 'ignore' });
      const ended = new Promise((resolve) => child.once('exit', resolve));
      await Promise.race([ended, wait(80 + random() * 250)]);
      child.kill('SIGKILL');
      await ended;
      const store = await openServerStore({ dir: `${at}-k${i}` });
      expect((await store.lookup('file', 'sha256', asked))[0]?.some((one) => one.threats[0]?.name === (store.generation === 1 ? 'G1' : 'N0'))).toBe(true);
      seen.add(store.generation);
      await store.close();
    }
    expect([...seen].every((generation) => generation === 1 || generation === 2)).toBe(true);
  });
});

const bundle = join(process.cwd(), 'node_modules', `.import-${process.pid}.mjs`);
afterAll(() => rm(bundle, { force: true }));

/** A program that imports, as one file. */
async function bundled(): Promise<string> {
  const { build } = await import('esbuild');
  await build({
    stdin: {
      contents: "import { importServerPattern } from './src/node/server-store/import-server-pattern.js'; import { createNodeCrypto } from './src/node/node-crypto.js'; const [, , file, dir] = process.argv; await importServerPattern({ file, dir, crypto: createNodeCrypto(), trust: [] });",
      resolveDir: process.cwd(), loader: 'ts',
    },
    bundle: true, format: 'esm', platform: 'node', packages: 'external', outfile: bundle, logLevel: 'error',
  });
  return bundle;
}
