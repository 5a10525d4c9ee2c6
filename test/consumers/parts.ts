/** A host that brings every part itself, typed by nothing but the names that the core exports. */
import { createEngine, createWireSource } from 'vedette';
import type {
  ActionHandler,
  Answer,
  CacheSlot,
  ClaimOptions,
  Clock,
  Crypto,
  Fingerprint,
  FingerprintExtractor,
  HostLists,
  ListRule,
  Locator,
  LocationProbe,
  Matcher,
  NewPending,
  Parts,
  Pending,
  PendingCounts,
  PendingEntry,
  PendingQueue,
  Policy,
  Question,
  ReleaseOptions,
  Reply,
  ReputationSource,
  SendOptions,
  Signer,
  SourceAnswers,
  StateStore,
  Subject,
  Transport,
  VerdictCache,
} from 'vedette';

class MemoryTransport implements Transport {
  readonly schemes = { 'my-bus': 'secure' } as const;
  async send(body: Uint8Array, { server, signal, maxBytes }: SendOptions): Promise<Reply<Uint8Array>> {
    signal.throwIfAborted();
    return body.length > maxBytes ? { kind: 'failed', retry: false, detail: server.address } : { kind: 'wait', waitMs: 1_000 };
  }
}

class MapCache implements VerdictCache {
  readonly #slots = new Map<string, CacheSlot>();
  get(keys: readonly string[]): (CacheSlot | undefined)[] {
    return keys.map((key) => this.#slots.get(key));
  }
  put(slots: readonly (readonly [string, CacheSlot])[]): void {
    slots.forEach(([key, slot]) => this.#slots.set(key, slot));
  }
  forget(what: 'all' | readonly string[]): void {
    what === 'all' ? this.#slots.clear() : what.forEach((key) => this.#slots.delete(key));
  }
}

class NoQueue implements PendingQueue {
  readonly durability = 'process';
  async enqueue(subjects: readonly NewPending[]): Promise<readonly Pending[]> {
    return subjects.map((): Pending => ({ kind: 'refused', code: 'pending-full' }));
  }
  async claim(_owner: string, { limit, include = 'due' }: ClaimOptions): Promise<readonly PendingEntry[]> {
    console.log(limit, include);
    return [];
  }
  async intend(): Promise<void> {}
  async settle(): Promise<boolean> {
    return false;
  }
  async release(_id: string, { notBeforeAt }: ReleaseOptions): Promise<void> {
    console.log(notBeforeAt);
  }
  async find(): Promise<undefined> {}
  async *list(): AsyncGenerator<PendingEntry> {}
  async counts(): Promise<PendingCounts> {
    return { due: 0, claimed: 0, dead: 0, orphaned: 0 };
  }
}

const state: StateStore = { get: async () => undefined, set: async (key, value) => console.log(key, value.length) };
const actions: ActionHandler = {
  idempotent: true,
  apply: async ({ verdict }, { key }) => (verdict.threats.length > 0 ? { kind: 'done' } : { kind: 'unable', detail: key }),
};
const lists: HostLists = {
  judge: ({ sha256, expressions }) => (sha256 ?? expressions ? { effect: 'approved', rule: 'all' } : undefined),
  add: async (rule: ListRule) => console.log(rule.id),
  remove: async () => {},
  async *entries() {
    yield { id: 'all', effect: 'approved', url: 'example.com/' };
  },
};
const location: LocationProbe = { locate: async () => ({ location: 'internal', by: 'always' }) };
const matcher: Matcher = {
  open: ({ allMatches }) => ({ update() {}, finish: () => ({ findings: allMatches ? [{ threat: { name: 'N', type: 't' }, at: 1 }] : [] }) }),
};
const extractor: FingerprintExtractor = {
  open: () => ({ update() {}, finish: () => ({ sha256: new Uint8Array(32) }) }),
  url: () => ({ kind: 'not-a-url', reason: 'no scheme' }),
};
const clock: Clock = { now: () => Date.now(), monotonicMs: () => performance.now(), sleep: async () => {} };
const crypto: Crypto = { sha256: () => new Uint8Array(32), verify: () => false, randomBytes: (count) => new Uint8Array(count) };
const policy: Policy = ({ verdict, location: where }) => ({ access: where === 'external' && verdict.disposition !== 'clean' ? 'block' : 'allow', remedy: 'none' });
export const signer: Signer = { publicKey: new Uint8Array(32), sign: async () => new Uint8Array(64) };

const source: ReputationSource = {
  id: 'foreign',
  scope: 'global',
  asks: 'full-hash',
  maxBatch: 10,
  strength: 2,
  async lookup({ kind, algorithm, hashes }: Question): Promise<Reply<SourceAnswers>> {
    const answers: Answer[] = hashes.map((asked) => ({ kind, algorithm, asked, records: [], ttlMs: 1_000 }));
    return { kind: 'answer', body: { answers } };
  },
};
const transport = new MemoryTransport();
const wire = createWireSource({ transport, server: { id: 'a', address: 'my-bus:a', scope: 'local' }, trust: [] });

async function reopen(locator: Locator): Promise<Subject | undefined> {
  return { kind: 'file', locator, open: () => ({ size: 0, read: () => 0, identity: () => 'same' }) };
}

const parts: Partial<Parts> = {
  ...{ transport, cache: new MapCache(), queue: new NoQueue(), state, actions, lists, location, clock, crypto, policy },
  ...{ matcher, extractor, source: [wire, source], random: () => 0.5 },
  openers: { mine: reopen },
  registrableDomain: (host) => host,
  background: (work) => void work,
  events: (event) => console.log(event.kind),
};

export const engine = createEngine({ background: 'manual', parts });
export const keys = (fingerprints: readonly Fingerprint[]): string[] => fingerprints.map(({ kind, algorithm }) => `${kind}:${algorithm}`);
