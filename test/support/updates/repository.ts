/**
 * A repository made by a second implementation: plain JSON, its own canonical form, node:crypto. It knows nothing of the
 * code under test, and can be told to do everything wrong that a repository can do.
 */
import { createHash, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto';

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };
export type Signed = Record<string, Json>;
export type Envelope = { signed: Signed; signatures: { keyid: string; sig: string }[] };

export interface Key {
  readonly secret: KeyObject;
  readonly id: string;
  readonly json: { readonly keytype: string; readonly scheme: string; readonly keyval: { readonly public: string } };
}

/** One component as it is published. */
export interface Published {
  readonly generation: number;
  readonly bytes: Uint8Array;
  readonly deltas?: readonly { readonly from: number; readonly generation: number; readonly bytes: Uint8Array }[];
}

/** What goes differently in one publication. */
export interface Mischief {
  /** Changes what is signed, by role. */
  readonly edit?: Readonly<Record<string, (signed: Signed) => Signed | void>>;
  /** Who signs, by role. */
  readonly signers?: Readonly<Record<string, readonly Key[]>>;
  /** Changes the text after it was signed, and before others refer to it. */
  readonly text?: Readonly<Record<string, (text: string) => string>>;
}

const topRoles = ['root', 'targets', 'snapshot', 'timestamp'] as const;

export function makeKey(): Key {
  const { privateKey } = generateKeyPairSync('ed25519');
  const raw = createPublicKey(privateKey).export({ format: 'der', type: 'spki' }).subarray(-32);
  const json = { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: raw.toString('hex') } };
  return { secret: privateKey, id: sha256(canonical(json)), json };
}

export function sha256(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

/** OLPC canonical JSON: sorted keys, no white space, only quote and backslash escaped. */
export function canonical(value: Json): string {
  if (typeof value === 'string') {
    return `"${value.replaceAll('\\', '\\\\').replaceAll('"', '\\"')}"`;
  }
  if (Array.isArray(value)) {
    return `[${(value as readonly Json[]).map(canonical).join(',')}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([key, one]) => `${canonical(key)}:${canonical(one)}`).join(',')}}`;
  }
  return String(value);
}

/** A repository in memory: `files` is what a web server would have. */
export class Repository {
  readonly files = new Map<string, Buffer>();
  readonly components = new Map<string, Published>();
  keys: Record<string, Key[]> = { root: [makeKey()], targets: [makeKey()], snapshot: [makeKey()], timestamp: [makeKey()], components: [makeKey()] };
  thresholds: Record<string, number> = { root: 1, targets: 1, snapshot: 1, timestamp: 1, components: 1 };
  versions: Record<string, number> = {};
  /** Epoch ms. */
  now: number;
  lives: Record<string, number> = { root: 365 * 86_400_000, targets: 365 * 86_400_000, snapshot: 7 * 86_400_000, timestamp: 86_400_000, components: 30 * 86_400_000 };

  constructor(now: number) {
    this.now = now;
  }

  /** The root that a host is given. */
  get root(): string {
    return this.text('metadata/1.root.json');
  }

  text(path: string): string {
    return this.files.get(path)!.toString('utf8');
  }

  envelope(path: string): Envelope {
    return JSON.parse(this.text(path)) as Envelope;
  }

  put(path: string, content: string | Uint8Array): void {
    this.files.set(path, Buffer.from(content));
  }

  /** A new root version, by the keys before and the keys now. */
  publishRoot(mischief: Mischief = {}, before: readonly Key[] = []): void {
    const all = [...new Set(topRoles.flatMap((role) => this.keys[role]!))];
    const roles = Object.fromEntries(topRoles.map((role) => [role, { keyids: this.keys[role]!.map((key) => key.id), threshold: this.thresholds[role]! }]));
    const fields = { consistent_snapshot: true, keys: keysJson(all), roles };
    this.#write('root', 'root', { fields, mischief: { ...mischief, signers: { root: [...new Set([...before, ...this.keys['root']!])], ...mischief.signers } } });
  }

  /** Everything but the root, anew. */
  publish(mischief: Mischief = {}): void {
    for (const [component, published] of this.components) {
      this.#write(component, 'targets', { fields: { targets: this.#targetsOf(component, published) }, mischief });
    }
    const roles = [...this.components.keys()].map((name) => ({
      name, keyids: this.keys['components']!.map((key) => key.id), threshold: this.thresholds['components']!, terminating: false, paths: [`${name}/*`],
    }));
    this.#write('targets', 'targets', { fields: { targets: {}, delegations: { keys: keysJson(this.keys['components']!), roles } }, mischief });
    this.publishSnapshot(mischief);
    this.publishTimestamp(mischief);
  }

  publishSnapshot(mischief: Mischief = {}): void {
    const meta = Object.fromEntries(['targets', ...this.components.keys()].map((role) => [`${role}.json`, this.#meta(role)]));
    this.#write('snapshot', 'snapshot', { fields: { meta }, mischief });
  }

  publishTimestamp(mischief: Mischief = {}): void {
    this.#write('timestamp', 'timestamp', { fields: { meta: { 'snapshot.json': this.#meta('snapshot') } }, mischief });
  }

  #targetsOf(component: string, { generation, bytes, deltas = [] }: Published): Json {
    const target = (path: string, content: Uint8Array, custom: Json): [string, Json] => {
      const digest = sha256(content);
      const name = path.slice(path.lastIndexOf('/') + 1);
      this.put(`targets/${component}/${digest}.${name}`, content);
      return [path, { length: content.length, hashes: { sha256: digest }, custom }];
    };
    return Object.fromEntries([
      target(`${component}/full.vdt`, bytes, { component, generation }),
      ...deltas.map((delta) => target(`${component}/${delta.from}.vdd`, delta.bytes, { component, from: delta.from, generation: delta.generation })),
    ]);
  }

  #meta(role: string): Json {
    const version = this.versions[role]!;
    const bytes = this.files.get(`metadata/${version}.${role}.json`)!;
    return { version, length: bytes.length, hashes: { sha256: sha256(bytes) } };
  }

  #write(role: string, type: string, { fields, mischief }: { readonly fields: Signed; readonly mischief: Mischief }): void {
    const version = (this.versions[role] ?? 0) + 1;
    this.versions[role] = version;
    const lifeMs = this.lives[role] ?? this.lives['components']!;
    const plain: Signed = { _type: type, spec_version: '1.0.31', version, expires: new Date(this.now + lifeMs).toISOString().replace(/\.\d+Z$/, 'Z'), ...fields };
    const signed = mischief.edit?.[role]?.(plain) ?? plain;
    const signers = mischief.signers?.[role] ?? this.keys[role] ?? this.keys['components']!;
    const text = JSON.stringify(envelopeOf(signed, signers));
    const name = role === 'timestamp' ? 'timestamp.json' : `${version}.${role}.json`;
    this.put(`metadata/${name}`, mischief.text?.[role]?.(text) ?? text);
  }
}

export function envelopeOf(signed: Signed, signers: readonly Key[]): Envelope {
  const bytes = Buffer.from(canonical(signed));
  return { signatures: signers.map((key) => ({ keyid: key.id, sig: sign(null, bytes, key.secret).toString('hex') })), signed };
}

function keysJson(keys: readonly Key[]): Json {
  return Object.fromEntries(keys.map((key) => [key.id, key.json]));
}
