/** Attacks by component files: the repository's keys were stolen, or the files on a mirror were replaced. */
import { gzipSync } from 'node:zlib';
import { generateKeyPair, signerFromPem } from '../../../src/node/node-keys.js';
import { buildContainer } from '../../../src/pattern/container.js';
import { crypto } from '../feed.js';
import type { Attack } from './attacks.js';
import { bomb } from './bomb.js';
import { sha256, type Json, type Mischief, type Signed } from './repository.js';
import { containersOf, patternKey, siteKey, type Scene } from './scene.js';

const hourMs = 3_600_000;

/** Well signed metadata about a file of the agent pattern that is not what it should be. */
function published(make: () => Promise<Uint8Array> | Uint8Array, generation = 2, mischief: Mischief = {}) {
  return async ({ repository }: Pick<Scene, 'repository'>): Promise<void> => {
    repository.components.set('agent-pattern', { generation, bytes: await make() });
    repository.publish(mischief);
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

/** Well signed metadata in which the file of the agent pattern is described in another way. */
function described(change: (target: Signed) => Json) {
  return ({ repository }: Scene): Promise<void> => {
    const edit = (signed: Signed): void => {
      const targets = signed['targets'] as Signed;
      signed['targets'] = { ...targets, 'agent-pattern/full.vdt': change(targets['agent-pattern/full.vdt'] as Signed) };
    };
    return published(async () => (await containersOf(2))['agent-pattern'], 2, { edit: { 'agent-pattern': edit } })({ repository });
  };
}

/** The file of the agent pattern is there in gzip form too, which is not what it should be. */
function packed(make: () => Promise<Uint8Array> | Uint8Array) {
  return async (scene: Scene): Promise<void> => {
    const bytes = await make();
    const digest = sha256(bytes);
    scene.repository.put(`targets/agent-pattern/${digest}.full.vdt.gz`, bytes);
    const edit = (signed: Signed): void => {
      const targets = signed['targets'] as Record<string, Signed>;
      const full = targets['agent-pattern/full.vdt']!;
      full['custom'] = { ...(full['custom'] as Signed), gzip: true };
      targets['agent-pattern/full.vdt.gz'] = { length: bytes.length, hashes: { sha256: digest }, custom: { component: 'agent-pattern', generation: 2, encoding: 'gzip' } };
    };
    await published(async () => (await containersOf(2))['agent-pattern'], 2, { edit: { 'agent-pattern': edit } })(scene);
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
  {
    name: 'substituted file: one of the same length',
    cause: ['substituted-file'],
    prepare: replaced((bytes) => new Uint8Array(bytes.length)),
  },
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
    name: 'type confusion: agent pattern and filter have changed places',
    cause: ['kind'],
    async prepare({ repository }) {
      const { 'agent-pattern': agent, filter } = await containersOf(2);
      repository.components.set('agent-pattern', { generation: 2, bytes: filter });
      repository.components.set('filter', { generation: 2, bytes: agent });
      repository.publish();
    },
  },
  {
    name: 'wrong key: a component that the key of the repository has signed',
    cause: ['untrusted'],
    async prepare(scene) {
      const pem = scene.repository.keys['components']![0]!.secret.export({ format: 'pem', type: 'pkcs8' }).toString();
      await published(async () => (await containersOf(2, { signer: signerFromPem(pem) }))['agent-pattern'])(scene);
    },
  },
  {
    name: "wrong key: a component that the site's key has signed",
    cause: ['untrusted'],
    prepare: published(async () => (await containersOf(2, { signer: siteKey }))['agent-pattern']),
  },
  {
    name: 'mix-and-match: a newer generation in the file than was signed for',
    cause: ['generation'],
    prepare: published(async () => (await containersOf(3))['agent-pattern']),
  },
  {
    name: 'gzip bomb: a packed file of 256 MiB',
    cause: ['substituted-file'],
    prepare: packed(() => bomb()),
  },
  {
    name: 'gzip: a packed file that holds the generation before',
    cause: ['substituted-file'],
    prepare: packed(async () => gzipSync((await containersOf(1))['agent-pattern'])),
  },
  { name: 'gzip: a packed file that is none', cause: ['substituted-file'], prepare: packed(() => Buffer.from('not packed')) },
  ...[-1, 1.5, 2 ** 53, 2 ** 31, '400', null].map((length): Attack => ({
    name: `targets metadata with a file of ${JSON.stringify(length)} bytes`,
    // What is no whole number has no canonical form, so nobody can have signed it.
    cause: length === 1.5 ? ['too-few-signatures'] : ['malformed-metadata'],
    prepare: described((target) => ({ ...target, length })),
  })),
  ...[['../../../../etc/passwd'], ['A'.repeat(64)], ['a'.repeat(63)], [`${'a'.repeat(63)}\n`]].map(([sha256]): Attack => ({
    name: `targets metadata with the digest ${JSON.stringify(sha256!.slice(-24))}`,
    cause: ['malformed-metadata'],
    prepare: described((target) => ({ ...target, hashes: { sha256: sha256! } })),
  })),
  {
    name: 'targets metadata with an MD5 only',
    cause: ['malformed-metadata'],
    prepare: described((target) => ({ ...target, hashes: { md5: 'a'.repeat(32) } })),
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
