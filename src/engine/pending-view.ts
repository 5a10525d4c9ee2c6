/** The queue as a host sees it: what is flagged, draining it, and waiting for one entry to be settled. */
import type { CheckResult } from '../base/check-result.js';
import { abortedError, VedetteError } from '../base/errors.js';
import type { PendingView } from './checker.js';
import type { EngineCore, Member } from './family/core.js';
import { drain } from './life/drain.js';

/** The view of one member. */
export function createPendingView(core: EngineCore, member: Member): PendingView {
  return {
    async *list() {
      const queue = await core.queue();
      for await (const entry of queue.list()) {
        if (entry.owner === member.name) {
          yield entry;
        }
      }
    },
    async *drain(options = {}) {
      await core.settledReady();
      const { limit = Number.MAX_SAFE_INTEGER, dead = false, ...checkOptions } = options;
      const include = dead ? 'dead' : 'waiting';
      await knock(core, options.signal);
      yield* drain({ core, member, options: checkOptions, limit, include });
    },
    settled: (id, options = {}) => settledResult(id, core, options.signal),
    async counts() {
      const queue = await core.queue();
      return queue.counts(member.name);
    },
  };
}

/** An explicit drain asks servers that are left alone whether they are back: the host may know more than the breaker. */
async function knock(core: EngineCore, signal: AbortSignal | undefined): Promise<void> {
  const query = core.query();
  if (!query.servers().some((server) => server.state === 'closed')) {
    await query.probe({ signal: signal ?? core.closing });
  }
}

async function settledResult(id: string, core: EngineCore, signal: AbortSignal | undefined): Promise<CheckResult> {
  const queue = await core.queue();
  for (;;) {
    // Listening begins before looking: a settlement in between must not be missed.
    const heard = listen(id, core, signal);
    const open = await queue.find(id);
    if (open === undefined) {
      heard.stop();
      const result = core.settlements.get(id);
      if (result === undefined) {
        throw new VedetteError('unsupported', `no pending entry ${id} is known`, { detail: { id } });
      }
      return result;
    }
    try {
      await heard.promise;
    } finally {
      heard.stop();
    }
    if (signal?.aborted === true) {
      throw abortedError(signal);
    }
  }
}

function listen(
  id: string,
  core: EngineCore,
  signal: AbortSignal | undefined,
): { readonly promise: Promise<void>; stop(): void } {
  const over = new AbortController();
  const promise = new Promise<void>((resolve, reject) => {
    const forget = core.settlements.wait(id, resolve);
    over.signal.addEventListener('abort', forget, { once: true });
    for (const ending of [signal, core.closing]) {
      over.signal.addEventListener('abort', core.fanOut.follow(ending, () => reject(abortedError(ending))), { once: true });
    }
  });
  // Nobody may be waiting for it when it is stopped.
  promise.catch(() => undefined);
  return { promise, stop: () => over.abort() };
}
