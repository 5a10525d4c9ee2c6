/** Attacks by what metadata are and say: another type, another version, another form, too much of it. */
import { edited, meta, rewritten, second } from './attack-steps.js';
import type { Attack } from './attacks.js';
import { envelopeOf, makeKey, type Envelope, type Signed } from './repository.js';

/** What is said to be of one role is of another, signed with the keys of the first. */
function typed(role: string, type: string): Attack {
  return { name: `type confusion: ${role} says that it is ${type}`, cause: ['wrong-type'], prepare: edited(role, (signed) => void (signed['_type'] = type)) };
}

export const metadataAttacks: readonly Attack[] = [
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
  ...['snapshot', 'targets', 'filter'].map((role): Attack => ({
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
    name: 'mix-and-match: the filter of this publication beside the snapshot of the one before',
    cause: ['substituted-metadata', 'endless-data'],
    async prepare(scene) {
      const old = scene.repository.text('metadata/1.filter.json');
      await second(scene);
      scene.repository.put('metadata/2.filter.json', old);
    },
  },
  {
    name: 'type confusion: the next root says that it is targets',
    cause: ['wrong-type'],
    async prepare(scene) {
      scene.repository.publishRoot({ edit: { root: (signed) => void (signed['_type'] = 'targets') } });
      await second(scene);
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
  {
    name: 'duplicate names in JSON: a second version beside the one that was signed',
    cause: ['too-few-signatures'],
    prepare: rewritten('timestamp', (text) => text.replace('"version":2', '"version":2,"version":99')),
  },
  {
    name: 'duplicate names in JSON: a second signed part behind the one that was signed',
    cause: ['too-few-signatures'],
    prepare: rewritten('timestamp', (text) => {
      const { signed } = JSON.parse(text) as Envelope;
      return text.replace(/\}$/, `,"signed":${JSON.stringify({ ...signed, version: 99 })}}`);
    }),
  },
  ...[['case', 'FILTER.json'], ['unicode normalisation', '\ufb01lter.json'], ['unicode normalisation', 'filt\u00e9r.json'.normalize('NFD')]].map(([what, other]): Attack => ({
    name: `${what!}: the snapshot knows the filter as ${JSON.stringify(other)} only`,
    cause: ['role-removed'],
    prepare: edited('snapshot', (signed) => {
      const { 'filter.json': filter, ...rest } = meta(signed);
      signed['meta'] = { ...rest, [other!]: filter! };
    }),
  })),
  ...[['a byte order mark before', (text: string) => `\ufeff${text}`], ['a NUL behind', (text: string) => `${text}\0`], ['a second document behind', (text: string) => text + text]].map(([what, change]): Attack => ({
    name: `${String(what)} the timestamp`,
    cause: ['malformed-metadata'],
    prepare: rewritten('timestamp', change as (text: string) => string),
  })),
  ...['root', 'timestamp', 'snapshot', 'targets', 'Timestamp', 'ROOT'].map((name): Attack => ({
    name: `role confusion: targets delegate to a role called ${name}`,
    cause: ['malformed-metadata'],
    prepare: edited('targets', (signed) => {
      const { roles } = signed['delegations'] as { readonly roles: Signed[] };
      roles.unshift({ ...roles[0]!, name });
    }),
  })),
  {
    name: 'complexity: a snapshot of 60,000 roles',
    cause: ['malformed-metadata'],
    prepare: edited('snapshot', (signed) => {
      signed['meta'] = { ...meta(signed), ...Object.fromEntries(Array.from({ length: 60_000 }, (_, index) => [`r${index}.json`, { version: 1 }])) };
    }),
  },
  {
    name: 'complexity: a root of 1,300 keys that nobody has signed',
    cause: ['malformed-metadata'],
    async prepare(scene) {
      await second(scene);
      const keys = Object.fromEntries(Array.from({ length: 1300 }, (_, index) => [`k${index}`, { keytype: '', scheme: '', keyval: {} }]));
      const root = scene.repository.envelope('metadata/1.root.json');
      scene.repository.put('metadata/2.root.json', JSON.stringify({ signatures: [], signed: { ...root.signed, version: 2, keys } }));
    },
  },
  {
    name: 'complexity: components delegated by a pattern that takes for ever',
    cause: ['malformed-metadata'],
    prepare: edited('targets', (signed) => {
      const { roles } = signed['delegations'] as { readonly roles: Signed[] };
      roles.unshift({ ...roles[0]!, name: 'slow', paths: [`${'+('.repeat(12)}?${')'.repeat(12)}Z/full.vdt`] });
    }),
  },
];
