/**
 * A server's data directory kept up to date from within a process: server patterns are looked for hourly and taken into the
 * store that servers answer from. Those go over to it by themselves, in this process or another.
 */
import { join } from 'node:path';
import type { Clock, Random } from '../../base/seams.js';
import { createSystemClock, systemRandom } from '../../preset/system-seams.js';
import { parsePublicKey } from '../../protocol/keys.js';
import { componentsOf } from '../../update/subscription.js';
import type { UpdateStatus, UpkeepHands } from '../../update/upkeep.js';
import { createDirectoryHost } from './directory-host.js';
import { openGenerationStore } from './generation-store.js';
import { readRoot } from './open-upkeep.js';
import type { UpdateConfig } from './update-config.js';
import { createUpdater, type UpdateReport } from './updater.js';
import { createUpkeep } from './upkeep.js';

/** Options of `keepServerUpdated`. */
export interface ServerUpdateOptions extends Pick<UpdateConfig, 'root' | 'sources'> {
  /** The one that `vedette serve --data` answers from. */
  readonly dataDir: string;
  /** Public keys (`ed25519:…`), one of which has to have signed a server pattern. */
  readonly trust: readonly string[];
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /** Told of what went wrong; the generation in use goes on answering. */
  onFault?(error: unknown): void;
  /** Told of each look that ended. */
  onReport?(report: UpdateReport): void;
}

/** A server's updates under way. */
export interface ServerUpdates {
  status(): UpdateStatus | undefined;
  /** Ends the look that is under way. */
  close(): Promise<void>;
}

/**
 * Looks for server patterns from now on.
 * @throws VedetteError `config-invalid` for sources, keys or a root that cannot be used.
 */
export async function keepServerUpdated(options: ServerUpdateOptions): Promise<ServerUpdates> {
  const { dataDir, clock = createSystemClock(), random = systemRandom } = options;
  const store = openGenerationStore({ dir: join(dataDir, 'patterns'), clock });
  const onFault = (error: unknown): void => options.onFault?.(error);
  const host = createDirectoryHost({ dataDir, store, clock, trust: options.trust.map(parsePublicKey), onFault });
  const updater = createUpdater({ store, root: await readRoot(options.root), sources: options.sources, clock });
  const onReport = options.onReport === undefined ? undefined : (report: UpdateReport): void => options.onReport?.(report);
  const upkeep = createUpkeep({ store, components: componentsOf('server'), updater, clock, random, onReport });
  const ending = new AbortController();
  let nap = new AbortController();
  const hands: UpkeepHands = {
    install: (containers, deltas) => host.install(containers, deltas),
    adopt: () => host.serve(),
    inUse: () => undefined,
    here: () => ({ location: 'internal', sources: undefined }),
    heard: () => ({ covers: undefined, newest: undefined }),
    onFault,
    soon: () => nap.abort(),
  };

  async function loop(): Promise<void> {
    while (!ending.signal.aborted) {
      const inMs = await upkeep.tend(hands, ending.signal);
      nap = new AbortController();
      const stop = (): void => nap.abort();
      ending.signal.addEventListener('abort', stop, { once: true });
      await clock.sleep(ending.signal.aborted ? 0 : inMs, nap.signal, { background: true }).catch(() => undefined);
      ending.signal.removeEventListener('abort', stop);
    }
  }

  const looping = loop();
  return {
    status: () => upkeep.status(),
    close: async () => {
      ending.abort();
      await looping;
    },
  };
}
