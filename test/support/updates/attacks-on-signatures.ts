/** Attacks by signatures: by whom, how often, and over what. */
import { createPublicKey } from 'node:crypto';
import { rewritten, second } from './attack-steps.js';
import type { Attack } from './attacks.js';
import { canonical, makeKey, sha256, type Envelope, type Key, type Signed } from './repository.js';
import type { Scene } from './scene.js';

/** Version 2 of the root asks for two signatures of a role. */
function withThreshold(scene: Scene, role: string): Key {
  const { repository } = scene;
  const other = makeKey();
  repository.keys[role] = [...repository.keys[role]!, other];
  repository.thresholds[role] = 2;
  repository.publishRoot();
  return other;
}

export const signatureAttacks: readonly Attack[] = [
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
  ...['snapshot', 'targets'].map((role): Attack => ({
    name: `revoked key: the ${role} key of before signs after it was replaced`,
    cause: ['too-few-signatures'],
    async prepare(scene) {
      const before = scene.repository.keys[role]!;
      scene.repository.keys = { ...scene.repository.keys, [role]: [makeKey()] };
      scene.repository.publishRoot();
      await second(scene, { signers: { [role]: before } });
    },
  })),
  {
    name: 'revoked key: the component key of before signs after it was replaced',
    cause: ['too-few-signatures'],
    async prepare(scene) {
      const before = scene.repository.keys['components']!;
      scene.repository.keys = { ...scene.repository.keys, components: [makeKey()] };
      await second(scene, { signers: { 'agent-pattern': before } });
    },
  },
  ...([['snapshot', 'timestamp'], ['targets', 'snapshot'], ['filter', 'targets'], ['timestamp', 'components']] as const).map(([role, other]): Attack => ({
    name: `wrong key: ${role} is signed by the key of ${other}`,
    cause: ['too-few-signatures'],
    prepare: (scene) => second(scene, { signers: { [role]: scene.repository.keys[other]! } }),
  })),
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
  ...['timestamp', 'snapshot', 'targets', 'filter'].map((role): Attack => ({
    name: `no signatures at all on ${role}`,
    cause: ['too-few-signatures'],
    prepare: (scene) => second(scene, { signers: { [role]: [] } }),
  })),
  {
    name: 'no signatures at all on a new root',
    cause: ['too-few-signatures'],
    async prepare(scene) {
      scene.repository.publishRoot({ signers: { root: [] } });
      await second(scene);
    },
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
  {
    name: 'duplicate keys: one key in hex and in PEM reaches the threshold',
    cause: ['duplicate-keys'],
    async prepare(scene) {
      const [first] = scene.repository.keys['timestamp']!;
      const json = { ...first!.json, keyval: { public: createPublicKey(first!.secret).export({ format: 'pem', type: 'spki' }).toString() } };
      scene.repository.keys['timestamp'] = [first!, { ...first!, json, id: sha256(canonical(json)) }];
      scene.repository.thresholds['timestamp'] = 2;
      scene.repository.publishRoot();
      await second(scene);
    },
  },
  {
    name: 'duplicate keys: one key under two names reaches the threshold of a component',
    cause: ['duplicate-keys'],
    async prepare(scene) {
      const [first] = scene.repository.keys['components']!;
      const json = { ...first!.json, note: 'the same key' };
      scene.repository.keys['components'] = [first!, { ...first!, json, id: sha256(canonical(json)) }];
      scene.repository.thresholds['components'] = 2;
      await second(scene);
    },
  },
  {
    name: 'duplicate signatures: the signature of one key under the names of two',
    cause: ['too-few-signatures'],
    async prepare(scene) {
      const other = withThreshold(scene, 'timestamp');
      await second(scene, {
        text: {
          timestamp: (text) => {
            const { signed, signatures } = JSON.parse(text) as Envelope;
            const [first] = signatures.filter((one) => one.keyid !== other.id);
            return JSON.stringify({ signed, signatures: [first!, { keyid: other.id, sig: first!.sig }] });
          },
        },
      });
    },
  },
  {
    name: 'duplicate signatures: one key in small and in capital letters',
    cause: ['too-few-signatures'],
    async prepare(scene) {
      const other = withThreshold(scene, 'timestamp');
      await second(scene, {
        text: {
          timestamp: (text) => {
            const { signed, signatures } = JSON.parse(text) as Envelope;
            const [first] = signatures.filter((one) => one.keyid !== other.id);
            return JSON.stringify({ signed, signatures: [first!, { keyid: first!.keyid.toUpperCase(), sig: first!.sig }] });
          },
        },
      });
    },
  },
  ...[['of no bytes', ''], ['of zeros', '00'.repeat(64)], ['that is no hex', 'zz'.repeat(64)], ['of half its bytes', 'ab'.repeat(32)]].map(([what, sig]): Attack => ({
    name: `a signature ${what!}`,
    cause: ['too-few-signatures'],
    prepare: rewritten('timestamp', (text) => {
      const { signed, signatures } = JSON.parse(text) as Envelope;
      return JSON.stringify({ signed, signatures: signatures.map(({ keyid }) => ({ keyid, sig })) });
    }),
  })),
  ...['rsa', 'ecdsa', 'none'].map((keytype): Attack => ({
    name: `algorithm confusion: the new root says that the key of the timestamp is ${keytype}`,
    cause: ['too-few-signatures', 'unsupported-metadata'],
    async prepare(scene) {
      const [first] = scene.repository.keys['timestamp']!;
      scene.repository.keys['timestamp'] = [{ ...first!, json: { ...first!.json, keytype, scheme: keytype } }];
      scene.repository.publishRoot();
      await second(scene);
    },
  })),
];
