/** Attacks by metadata: what is signed, by whom, how often, and in which version. */
import type { Attack } from './attacks.js';
import { canonical, envelopeOf, makeKey, sha256, type Envelope, type Key, type Mischief, type Signed } from './repository.js';
import { containersOf, publishGeneration, type Scene } from './scene.js';

const past = '2020-01-01T00:00:00Z';

/** Generation 2 with something different about it. */
async function second({ repository }: Scene, mischief: Mischief = {}): Promise<void> {
  for (const [component, bytes] of Object.entries(await containersOf(2))) {
    repository.components.set(component, { generation: 2, bytes });
  }
  repository.publish(mischief);
}

/** Generation 2 is taken first; then the attack begins. */
async function afterSecond(scene: Scene): Promise<Map<string, Buffer>> {
  const before = new Map(scene.repository.files);
  await publishGeneration(scene.repository, 2);
  await scene.look();
  return before;
}

const edited = (role: string, edit: (signed: Signed) => Signed | void) => (scene: Scene): Promise<void> => second(scene, { edit: { [role]: edit } });
const meta = (signed: Signed): Record<string, Signed> => signed['meta'] as Record<string, Signed>;

const rollbacks: readonly Attack[] = [
  {
    name: 'timestamp rollback: the old timestamp is played back',
    cause: ['rollback'],
    stays: 2,
    async prepare(scene) {
      const before = await afterSecond(scene);
      scene.repository.put('metadata/timestamp.json', before.get('metadata/timestamp.json')!);
    },
  },
  {
    name: 'snapshot rollback: a new timestamp names an old snapshot',
    cause: ['rollback'],
    stays: 2,
    async prepare(scene) {
      await afterSecond(scene);
      scene.repository.versions['snapshot'] = 1;
      scene.repository.publishTimestamp();
    },
  },
  ...['targets', 'filter'].map((role): Attack => ({
    name: `${role} rollback: a new snapshot names an old version of it`,
    cause: ['rollback'],
    stays: 2,
    async prepare(scene) {
      await afterSecond(scene);
      scene.repository.versions[role] = 1;
      scene.repository.publishSnapshot();
      scene.repository.publishTimestamp();
    },
  })),
  {
    name: 'generation rollback: new metadata for an old generation',
    cause: ['older'],
    stays: 2,
    async prepare(scene) {
      await afterSecond(scene);
      await publishGeneration(scene.repository, 1);
    },
  },
  ...['targets', 'filter'].map((role): Attack => ({
    name: `removal: the snapshot does not know ${role} any more`,
    cause: ['role-removed'],
    prepare: edited('snapshot', (signed) => void delete meta(signed)[`${role}.json`]),
  })),
];

const freezes: readonly Attack[] = [
  ...['timestamp', 'snapshot', 'targets', 'filter'].map((role): Attack => ({
    name: `freeze: ${role} has expired`,
    cause: ['expired-metadata'],
    prepare: edited(role, (signed) => void (signed['expires'] = past)),
  })),
  {
    name: 'freeze: the newest root has expired',
    cause: ['expired-metadata'],
    async prepare(scene) {
      scene.repository.publishRoot({ edit: { root: (signed) => void (signed['expires'] = past) } });
      await second(scene);
    },
  },
  ...['never', '2099-13-45T99:00:00Z', ''].map((expires): Attack => ({
    name: `freeze: a timestamp that expires at ${JSON.stringify(expires)}`,
    cause: ['expired-metadata'],
    prepare: edited('timestamp', (signed) => void (signed['expires'] = expires)),
  })),
];

/** Version 2 of the root asks for two signatures of a role. */
function withThreshold(scene: Scene, role: string): Key {
  const { repository } = scene;
  const other = makeKey();
  repository.keys[role] = [...repository.keys[role]!, other];
  repository.thresholds[role] = 2;
  repository.publishRoot();
  return other;
}

const signatures: readonly Attack[] = [
  ...['timestamp', 'snapshot', 'targets', 'filter'].map((role): Attack => ({
    name: `wrong key: ${role} is signed by a key that nobody trusts`,
    cause: ['too-few-signatures'],
    prepare: (scene) => second(scene, { signers: { [role]: [makeKey()] } }),
  })),
  {
    name: 'wrong key: a new root that the keys before have not signed',
    cause: ['too-few-signatures'],
    async prepare(scene) {
      const root = makeKey();
      scene.repository.keys = { ...scene.repository.keys, root: [root] };
      scene.repository.publishRoot({ signers: { root: [root] } });
      await second(scene);
    },
  },
  {
    name: 'wrong key: a new root that its own keys have not signed',
    cause: ['too-few-signatures'],
    async prepare(scene) {
      const before = scene.repository.keys['root']!;
      scene.repository.keys = { ...scene.repository.keys, root: [makeKey()] };
      scene.repository.publishRoot({ signers: { root: before } });
      await second(scene);
    },
  },
  {
    name: 'revoked key: the timestamp key of before signs after it was replaced',
    cause: ['too-few-signatures'],
    async prepare(scene) {
      const before = scene.repository.keys['timestamp']!;
      scene.repository.keys = { ...scene.repository.keys, timestamp: [makeKey()] };
      scene.repository.publishRoot();
      await second(scene, { signers: { timestamp: before } });
    },
  },
  ...['timestamp', 'snapshot', 'targets'].map((role): Attack => ({
    name: `too few signatures: one of two on ${role}`,
    cause: ['too-few-signatures'],
    async prepare(scene) {
      const [first] = scene.repository.keys[role]!;
      withThreshold(scene, role);
      await second(scene, { signers: { [role]: [first!] } });
    },
  })),
  {
    name: 'too few signatures: one of two on a new root',
    cause: ['too-few-signatures'],
    async prepare(scene) {
      const [first] = scene.repository.keys['root']!;
      withThreshold(scene, 'root');
      scene.repository.publishRoot({ signers: { root: [first!] } });
      await second(scene);
    },
  },
  {
    name: 'duplicate signatures: one key signs twice where two are asked for',
    cause: ['duplicate-signatures'],
    async prepare(scene) {
      const [first] = scene.repository.keys['timestamp']!;
      withThreshold(scene, 'timestamp');
      await second(scene, { signers: { timestamp: [first!, first!] } });
    },
  },
  {
    name: 'duplicate keys: a role names one key twice',
    cause: ['duplicate-keys'],
    async prepare(scene) {
      const id = scene.repository.keys['timestamp']![0]!.id;
      scene.repository.publishRoot({
        edit: { root: (signed) => void ((signed['roles'] as Record<string, Signed>)['timestamp'] = { keyids: [id, id], threshold: 2 }) },
      });
      await second(scene);
    },
  },
  {
    name: 'duplicate keys: one key under two names reaches the threshold',
    cause: ['duplicate-keys'],
    async prepare(scene) {
      const [first] = scene.repository.keys['timestamp']!;
      const json = { ...first!.json, note: 'the same key' };
      scene.repository.keys['timestamp'] = [first!, { ...first!, json, id: sha256(canonical(json)) }];
      scene.repository.thresholds['timestamp'] = 2;
      scene.repository.publishRoot();
      await second(scene);
    },
  },
  {
    name: 'no signatures at all on the timestamp',
    cause: ['too-few-signatures'],
    prepare: (scene) => second(scene, { signers: { timestamp: [] } }),
  },
  {
    name: 'a valid signature over something else',
    cause: ['too-few-signatures'],
    prepare: (scene) =>
      second(scene, {
        text: {
          timestamp: (text) => {
            const envelope = JSON.parse(text) as Envelope;
            return JSON.stringify({ ...envelope, signed: { ...envelope.signed, version: 99 } });
          },
        },
      }),
  },
  {
    name: 'a root that skips a version',
    cause: ['mix-and-match'],
    async prepare(scene) {
      scene.repository.publishRoot({ edit: { root: (signed) => void (signed['version'] = 3) } });
      await second(scene);
    },
  },
];

/** What is said to be of one role is of another, signed with the keys of the first. */
function typed(role: string, type: string): Attack {
  return { name: `type confusion: ${role} says that it is ${type}`, cause: ['wrong-type'], prepare: edited(role, (signed) => void (signed['_type'] = type)) };
}

const forms: readonly Attack[] = [
  typed('timestamp', 'snapshot'),
  typed('snapshot', 'targets'),
  typed('targets', 'root'),
  typed('filter', 'timestamp'),
  {
    name: 'type confusion: the timestamp is sent as the next root',
    cause: ['wrong-type'],
    async prepare(scene) {
      await second(scene);
      scene.repository.put('metadata/2.root.json', scene.repository.text('metadata/timestamp.json'));
    },
  },
  ...['snapshot', 'targets', 'filter'].map((role): Attack => ({
    name: `mix-and-match: ${role} is another one than was signed for, of the same length`,
    cause: ['substituted-metadata'],
    async prepare(scene) {
      await second(scene);
      const path = `metadata/2.${role}.json`;
      scene.repository.put(path, scene.repository.text(path).replace(/"sig":"../, '"sig":"00'));
    },
  })),
  {
    name: 'mix-and-match: the bytes count, not what they say (white space in the snapshot)',
    cause: ['substituted-metadata', 'endless-data'],
    async prepare(scene) {
      await second(scene);
      scene.repository.put('metadata/2.snapshot.json', JSON.stringify(scene.repository.envelope('metadata/2.snapshot.json'), undefined, 1));
    },
  },
  ...['snapshot', 'filter'].map((role): Attack => ({
    name: `mix-and-match: ${role} has another version than its name`,
    cause: ['mix-and-match'],
    prepare: edited(role, (signed) => void (signed['version'] = 7)),
  })),
  {
    name: 'mix-and-match: a snapshot of old, under the name of the new one',
    cause: ['substituted-metadata', 'endless-data'],
    async prepare(scene) {
      await second(scene);
      scene.repository.put('metadata/2.snapshot.json', scene.repository.text('metadata/1.snapshot.json'));
    },
  },
  {
    name: 'metadata of a specification that is not known',
    cause: ['unsupported-metadata'],
    prepare: edited('timestamp', (signed) => void (signed['spec_version'] = '2.0.0')),
  },
  {
    name: 'a version that is no number',
    cause: ['malformed-metadata'],
    prepare: edited('timestamp', (signed) => void (signed['version'] = 'new')),
  },
  {
    name: 'metadata that are cut off',
    cause: ['malformed-metadata'],
    prepare: (scene) => second(scene, { text: { timestamp: (text) => text.slice(0, text.length / 2) } }),
  },
  {
    name: 'metadata nested 20,000 deep',
    cause: ['malformed-metadata', 'metadata-refused', 'too-few-signatures'],
    prepare: (scene) => second(scene, { text: { timestamp: () => `{"signed":{"_type":"timestamp","x":${'['.repeat(20_000)}${']'.repeat(20_000)}},"signatures":[]}` } }),
  },
  {
    name: 'metadata that are a list',
    cause: ['malformed-metadata'],
    prepare: (scene) => second(scene, { text: { timestamp: () => '[]' } }),
  },
  {
    name: 'signatures under the name of a prototype',
    cause: ['too-few-signatures', 'duplicate-signatures'],
    prepare: (scene) =>
      second(scene, {
        text: {
          timestamp: (text) => {
            const { signed } = JSON.parse(text) as Envelope;
            return JSON.stringify({ signed, signatures: ['__proto__', 'constructor'].map((keyid) => ({ keyid, sig: envelopeOf(signed, [makeKey()]).signatures[0]!.sig })) });
          },
        },
      }),
  },
];

export const roleAttacks: readonly Attack[] = [...rollbacks, ...freezes, ...signatures, ...forms];
