/** Attacks by component files: the repository's keys were stolen, or the files on a mirror were replaced. */
import { generateKeyPair } from '../../../src/node/node-keys.js';
import { buildContainer } from '../../../src/pattern/container.js';
import { crypto } from '../feed.js';
import type { Attack } from './attacks.js';
import { containersOf, patternKey, type Scene } from './scene.js';

const hourMs = 3_600_000;

/** Well signed metadata about a file of the agent pattern that is not what it should be. */
function published(make: () => Promise<Uint8Array> | Uint8Array, generation = 2) {
  return async ({ repository }: Scene): Promise<void> => {
    repository.components.set('agent-pattern', { generation, bytes: await make() });
    repository.publish();
  };
}

/** The file of generation 2 is another one on the web server than the one that was signed for. */
function replaced(change: (bytes: Buffer) => Uint8Array | undefined) {
  return async ({ repository }: Scene): Promise<void> => {
    const { 'agent-pattern': bytes } = await containersOf(2);
    const before = new Set(repository.files.keys());
    repository.components.set('agent-pattern', { generation: 2, bytes });
    repository.publish();
    for (const path of [...repository.files.keys()].filter((one) => one.startsWith('targets/agent-pattern/') && !before.has(one))) {
      const changed = change(repository.files.get(path)!);
      repository.files.delete(path);
      if (changed !== undefined) {
        repository.put(path, changed);
      }
    }
  };
}

function flipped(bytes: Uint8Array, at: number): Uint8Array {
  const copy = Uint8Array.from(bytes);
  copy[at]! ^= 1;
  return copy;
}

const signedRubbish = (): Promise<Uint8Array> =>
  buildContainer({
    head: { kind: 'agent-pattern', generation: 2, createdAt: Date.now() - hourMs, expiresAt: Date.now() + 24 * hourMs, periodMs: hourMs },
    sections: [['signatures', new Uint8Array(100).fill(0xff)], ['allow', new Uint8Array(3)], ['hashes', new Uint8Array(3)]],
    crypto,
    signer: patternKey,
  });

export const fileAttacks: readonly Attack[] = [
  { name: 'substituted file: one bit of the target is another', cause: ['substituted-file'], prepare: replaced((bytes) => flipped(bytes, bytes.length - 1)) },
  { name: 'substituted file: the generation before under the new name', cause: ['substituted-file', 'too-short'], prepare: async (scene) => {
    const { 'agent-pattern': old } = await containersOf(1);
    await replaced(() => old)(scene);
  } },
  { name: 'a target with one byte more', cause: ['endless-data'], prepare: replaced((bytes) => Buffer.concat([bytes, Buffer.of(0)])) },
  { name: 'a target with one byte less', cause: ['too-short'], prepare: replaced((bytes) => bytes.subarray(0, -1)) },
  { name: 'an empty target', cause: ['too-short'], prepare: replaced(() => new Uint8Array()) },
  { name: '404 for the target', cause: ['http-status'], prepare: replaced(() => undefined) },
  {
    name: 'stolen repository keys: a component by another pattern key',
    cause: ['untrusted'],
    prepare: published(async () => (await containersOf(2, { signer: generateKeyPair().signer }))['agent-pattern']),
  },
  {
    name: 'stolen repository keys: a component without a signature',
    cause: ['unsigned'],
    prepare: published(async () => {
      const now = Date.now();
      return buildContainer({
        head: { kind: 'agent-pattern', generation: 2, createdAt: now, expiresAt: now + 24 * hourMs, periodMs: hourMs },
        sections: [],
        crypto,
      });
    }),
  },
  {
    name: 'stolen repository keys: a component that was altered',
    cause: ['altered'],
    prepare: published(async () => {
      const { 'agent-pattern': bytes } = await containersOf(2);
      return flipped(bytes, bytes.length - 1);
    }),
  },
  { name: 'stolen repository keys: no component at all', cause: ['not-a-pattern'], prepare: published(() => Buffer.from('not a pattern '.repeat(40))) },
  {
    name: 'type confusion: a filter in the place of the agent pattern',
    cause: ['kind'],
    prepare: published(async () => (await containersOf(2)).filter),
  },
  {
    name: 'an old generation that is said to be new',
    cause: ['generation', 'older'],
    prepare: published(async () => (await containersOf(1))['agent-pattern'], 9),
  },
  {
    name: 'a component that has expired',
    cause: ['expired'],
    prepare: published(async () => (await containersOf(2, { expiresAt: Date.now() - 1 }))['agent-pattern']),
  },
  { name: 'a well signed component that cannot be loaded', cause: ['malformed', 'truncated', 'version'], prepare: published(signedRubbish) },
  {
    name: 'targets metadata that say nothing of the generation',
    cause: ['malformed-metadata'],
    async prepare({ repository }) {
      const { 'agent-pattern': bytes } = await containersOf(2);
      repository.components.set('agent-pattern', { generation: 2, bytes });
      repository.publish({
        edit: {
          'agent-pattern': (signed) => JSON.parse(JSON.stringify(signed).replaceAll('"generation":2', '"generation":-2')) as typeof signed,
        },
      });
    },
  },
  {
    name: 'targets metadata that name another component',
    cause: ['malformed-metadata'],
    async prepare({ repository }) {
      const { 'agent-pattern': bytes } = await containersOf(2);
      repository.components.set('agent-pattern', { generation: 2, bytes });
      repository.publish({
        edit: {
          'agent-pattern': (signed) => JSON.parse(JSON.stringify(signed).replaceAll('"component":"agent-pattern"', '"component":"filter"')) as typeof signed,
        },
      });
    },
  },
];
