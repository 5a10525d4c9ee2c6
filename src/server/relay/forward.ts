/**
 * Steps R3 and R4: asks the upstream for what is not held, each thing once however many clients want it at a time, and
 * takes what the origin signed. Remembers the newest generation that was seen: older statements are not passed on.
 */
import type { Clock, Crypto } from '../../base/seams.js';
import type { KeyRing } from '../../protocol/key-ring.js';
import { nonceBytes } from '../../protocol/limits.js';
import { encodeQuery } from '../../protocol/query-message.js';
import type { Wanted } from './create-relay.js';
import { readStatements } from './read-statements.js';
import type { SignedStatement } from './statement-store.js';
import type { Upstream } from './upstream.js';

/** Gets statements from upstream. */
export interface Forwarder {
  /** By key; what the upstream did not answer, or what was not the origin's, is missing. Never rejects. */
  forward(wanted: readonly Wanted[]): Promise<ReadonlyMap<string, SignedStatement>>;
  /** Of all statements that were taken; undefined before the first. */
  newestGeneration(): number | undefined;
}

/** What a forwarder is made of. */
export interface ForwarderOptions {
  readonly upstream: Upstream;
  readonly keys: Pick<KeyRing, 'find'>;
  readonly crypto: Crypto;
  readonly clock: Pick<Clock, 'now'>;
}

/** Prefixes in one request to the upstream: as many as a server signs one by one for one request. */
const batchSize = 250;

type Fetching = Promise<ReadonlyMap<string, SignedStatement>>;

/** A forwarder that has seen nothing yet. */
export function createForwarder(options: ForwarderOptions): Forwarder {
  const inFlight = new Map<string, Fetching>();
  let newest: number | undefined;

  const askFor = async (batch: readonly Wanted[]): Fetching => {
    const { kind, algorithm } = batch[0]!;
    const group = { kind, algorithm, prefixes: batch.map((one) => one.prefix) };
    const request = encodeQuery({ nonce: options.crypto.randomBytes(nonceBytes), groups: [group], wants: 'statement' });
    const body = await options.upstream.ask(request);
    if (body === undefined) {
      return new Map<string, SignedStatement>();
    }
    const asked = new Set(batch.map((one) => one.key));
    const good = await readStatements(body, { ...options, request, asked, now: options.clock.now() });
    if (good === undefined) {
      options.upstream.disappointed();
      return new Map<string, SignedStatement>();
    }
    good.forEach((one) => {
      newest = Math.max(newest ?? 0, one.generation);
    });
    return good;
  };

  const start = (batch: readonly Wanted[]): Fetching => {
    const fetching = askFor(batch).catch(() => new Map<string, SignedStatement>());
    batch.forEach((one) => inFlight.set(one.key, fetching));
    return fetching.finally(() => batch.forEach((one) => inFlight.delete(one.key)));
  };

  return {
    newestGeneration: () => newest,
    async forward(wanted) {
      const underWay = wanted.flatMap((one) => inFlight.get(one.key) ?? []);
      const begun = batchesOf(wanted.filter((one) => !inFlight.has(one.key))).map(start);
      const keys = new Set(wanted.map((one) => one.key));
      const all = await Promise.all([...new Set(underWay), ...begun]);
      const found = all.flatMap((good) => [...good]).filter(([key, one]) => keys.has(key) && one.generation >= (newest ?? 0));
      return new Map(found);
    },
  };
}

/** By kind and algorithm, at most 250 each. */
function batchesOf(wanted: readonly Wanted[]): Wanted[][] {
  const groups = new Map<string, Wanted[]>();
  for (const one of wanted) {
    const name = `${one.kind} ${one.algorithm}`;
    const group = groups.get(name);
    if (group === undefined) {
      groups.set(name, [one]);
    } else {
      group.push(one);
    }
  }
  return [...groups.values()].flatMap((group) =>
    Array.from({ length: Math.ceil(group.length / batchSize) }, (_, i) => group.slice(i * batchSize, (i + 1) * batchSize)),
  );
}
