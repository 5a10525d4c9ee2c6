/** Attacks by versions and instants: what is old is played back, and what has ended is made to last. */
import { afterSecond, edited, meta, rewritten, second } from './attack-steps.js';
import type { Attack } from './attacks.js';
import { makeKey } from './repository.js';
import { publishGeneration } from './scene.js';

const past = '2020-01-01T00:00:00Z';
const dayMs = 86_400_000;

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
  {
    name: 'timestamp rollback: a new timestamp of a version before',
    cause: ['rollback'],
    stays: 2,
    async prepare(scene) {
      await afterSecond(scene);
      scene.repository.versions['timestamp'] = 0;
      scene.repository.publishTimestamp();
    },
  },
  {
    name: 'timestamp rollback, with the clock of the host set back by a year',
    cause: ['rollback'],
    stays: 2,
    async prepare(scene) {
      const before = await afterSecond(scene);
      scene.clock.aheadMs = -365 * dayMs;
      scene.repository.put('metadata/timestamp.json', before.get('metadata/timestamp.json')!);
    },
  },
  {
    name: 'root rollback: the first root is sent as the next one',
    cause: ['mix-and-match'],
    async prepare(scene) {
      await second(scene);
      scene.repository.put('metadata/2.root.json', scene.repository.root);
    },
  },
  {
    name: 'hidden root: the mirror knows no root with the new keys',
    cause: ['too-few-signatures'],
    async prepare(scene) {
      scene.repository.keys = { ...scene.repository.keys, timestamp: [makeKey()] };
      scene.repository.publishRoot();
      await second(scene);
      scene.repository.files.delete('metadata/2.root.json');
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
  {
    name: 'freeze: everything has expired since it was taken',
    cause: ['expired-metadata'],
    prepare: (scene) => void (scene.clock.aheadMs = 400 * dayMs),
  },
  {
    name: 'freeze: the timestamp expires while the roles come',
    cause: ['expired-metadata'],
    async prepare(scene) {
      await second(scene);
      scene.web.instead = (path) => {
        scene.clock.aheadMs = path === 'metadata/2.agent-pattern.json' ? 2 * dayMs : scene.clock.aheadMs;
        return false;
      };
    },
  },
];

/** Versions and thresholds that are no whole numbers from 1 on: nothing could ever follow some of them. */
const numbers: readonly Attack[] = [
  ...[0, -1, 1.5, 2 ** 53].map((version): Attack => ({
    name: `fast-forward: a timestamp of version ${version}`,
    cause: ['malformed-metadata'],
    prepare: edited('timestamp', (signed) => void (signed['version'] = version)),
  })),
  {
    name: 'fast-forward: a timestamp of version 1e400',
    cause: ['malformed-metadata'],
    prepare: rewritten('timestamp', (text) => text.replace('"version":2', '"version":1e400')),
  },
  {
    name: 'fast-forward: a snapshot of version 1e21 is named',
    cause: ['malformed-metadata'],
    prepare: edited('timestamp', (signed) => void (meta(signed)['snapshot.json']!['version'] = 1e21)),
  },
  {
    name: 'endless data: a snapshot of 1e15 bytes is named',
    cause: ['substituted-metadata'],
    prepare: edited('timestamp', (signed) => void (meta(signed)['snapshot.json']!['length'] = 1e15)),
  },
  ...[0, -1, 0.5].map((threshold): Attack => ({
    name: `threshold: a root that asks for ${threshold} signatures of the timestamp`,
    cause: ['malformed-metadata'],
    async prepare(scene) {
      scene.repository.thresholds['timestamp'] = threshold;
      scene.repository.publishRoot();
      await second(scene, { signers: { timestamp: [] } });
    },
  })),
  {
    name: 'threshold: targets that ask for no signature of the components',
    cause: ['malformed-metadata'],
    async prepare(scene) {
      scene.repository.thresholds['components'] = 0;
      await second(scene, { signers: { 'agent-pattern': [] } });
    },
  },
];

export const versionAttacks: readonly Attack[] = [...rollbacks, ...freezes, ...numbers];
