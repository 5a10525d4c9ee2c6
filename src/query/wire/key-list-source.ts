/**
 * A source whose keys come and go by the signed key list that its server hands out (docs/protocol.md, "Keys").
 *
 * The list is asked for when the source is first used, every hour after that, and when an answer was refused: it may be
 * signed by a key that the next list announces. It is believed by the list keys alone, wherever it came from; a server
 * that withholds it can keep a client on its old keys, no more.
 */
import { VedetteError } from '../../base/errors.js';
import type { Question } from '../../base/fingerprint.js';
import type { Clock, StateStore } from '../../base/seams.js';
import type { KeyRing } from '../../protocol/key-ring.js';
import { keyListPath } from '../../protocol/key-list.js';
import { maxKeyListBytes } from '../../protocol/limits.js';
import type { ReputationSource, SourceAnswers } from '../reputation-source.js';
import type { Reply, Server, Transport } from '../transport.js';

/** What the list is fetched with and kept in. */
export interface KeyListSourceOptions {
  /** The ring that the source believes by. */
  readonly ring: KeyRing;
  readonly transport: Transport;
  readonly server: Server;
  readonly clock: Clock;
  /** Keeps the last list: what it revoked stays revoked after a restart. */
  readonly state: StateStore;
}

/** Between two looks for a newer list. */
const everyMs = 3_600_000;
/** Between two looks that refused answers cause. */
const atMostEveryMs = 60_000;
/** For one look. */
const limitMs = 3_000;

/** The source, with its ring kept up to date. A list that cannot be had or is refused changes nothing. */
export function createKeyListSource(source: ReputationSource, options: KeyListSourceOptions): ReputationSource {
  const keeper = createKeeper(options);
  const lookup = async (question: Question, how: { readonly signal: AbortSignal }): Promise<Reply<SourceAnswers>> => {
    await keeper.remember();
    void keeper.look(everyMs);
    const reply = await source.lookup(question, how);
    const mayBeNewKey = reply.kind === 'failed' && reply.reason === 'bad-answer' && !how.signal.aborted;
    return mayBeNewKey && (await keeper.look(atMostEveryMs)) && !how.signal.aborted ? source.lookup(question, how) : reply;
  };
  return {
    ...source,
    lookup,
    close: async () => {
      await keeper.close();
      await source.close?.();
    },
  };
}

interface Keeper {
  /** Takes the list that was kept, once; a store that fails has kept none. */
  remember(): Promise<void>;
  /** True when a newer list was taken. Looks only if the last look is as long ago; joins one that is under way. */
  look(afterMs: number): Promise<boolean>;
  /** Ends the look that is under way; a list that it has taken is kept before. */
  close(): Promise<void>;
}

function createKeeper({ ring, transport, server, clock, state }: KeyListSourceOptions): Keeper {
  const stateKey = `key-list ${server.address}`;
  const closing = new AbortController();
  let remembered: Promise<void> | undefined;
  let lookedAtMs = Number.NEGATIVE_INFINITY;
  let looking: Promise<boolean> | undefined;

  const take = async (): Promise<boolean> => {
    const bytes = await fetchList({ transport, server, clock, closing: closing.signal });
    if (bytes === undefined || (await ring.offer(bytes)).kind !== 'taken') {
      return false;
    }
    await state.set(stateKey, bytes).catch(() => undefined);
    return true;
  };
  return {
    remember: () =>
      (remembered ??= (async () => {
        const kept = await state.get(stateKey).catch(() => undefined);
        if (kept !== undefined) {
          await ring.offer(kept);
        }
      })()),
    look(afterMs) {
      if (looking === undefined && clock.monotonicMs() - lookedAtMs < afterMs) {
        return Promise.resolve(false);
      }
      lookedAtMs = clock.monotonicMs();
      looking ??= take()
        .catch(() => false)
        .finally(() => {
          looking = undefined;
        });
      return looking;
    },
    async close() {
      closing.abort(new VedetteError('closed', 'the source is closed'));
      await looking;
    },
  };
}

/** The bytes of the server's list, or undefined. */
async function fetchList(by: {
  readonly transport: Transport;
  readonly server: Server;
  readonly clock: Clock;
  readonly closing: AbortSignal;
}): Promise<Uint8Array | undefined> {
  const over = new AbortController();
  const late = new AbortController();
  by.clock.sleep(limitMs, over.signal, { background: true }).then(() => late.abort(), () => undefined);
  try {
    const signal = AbortSignal.any([late.signal, by.closing]);
    const reply = await by.transport.send(new Uint8Array(0), { server: by.server, signal, maxBytes: maxKeyListBytes, path: keyListPath });
    return reply.kind === 'answer' ? reply.body : undefined;
  } finally {
    over.abort();
  }
}
