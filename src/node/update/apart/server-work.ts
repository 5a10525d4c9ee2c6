/** The heavy half of keeping a server up to date, wherever it is done: a look with all that follows, and bringing the store up. */
import { join } from 'node:path';
import type { Clock } from '../../../base/seams.js';
import { parsePublicKey } from '../../../protocol/keys.js';
import type { UpdateSource } from '../../../update/sources.js';
import { createDirectoryHost } from '../directory-host.js';
import { openGenerationStore, type GenerationStore } from '../generation-store.js';
import { createUpdater, type LookOptions, type UpdateReport } from '../updater.js';
import type { LookOrder } from './update-orders.js';

/** What the work is done on. */
export interface ServerWorkOptions {
  readonly dataDir: string;
  /** Text of the root metadata. */
  readonly root: string;
  readonly sources: readonly UpdateSource[];
  readonly trust: readonly string[];
  readonly clock: Clock;
  readonly onFault: (error: unknown) => void;
}

/** The work. */
export interface ServerWork {
  /** Looks for server patterns and takes what is newer into the store. Rejects as `Updater.look`. */
  look(order: LookOrder, signal: LookOptions['signal']): Promise<UpdateReport>;
  /** Brings the store that servers answer from to the generation that is kept. */
  serve(signal: LookOptions['signal']): Promise<void>;
}

/** Work in this process. */
export interface WorkHere extends ServerWork {
  readonly store: GenerationStore;
  /** The store has the generation that is kept, or there is none yet. */
  isServed(): Promise<boolean>;
}

/** @throws VedetteError `config-invalid` for sources or keys that cannot be used. */
export function createWorkHere({ dataDir, root, sources, trust, clock, onFault }: ServerWorkOptions): WorkHere {
  const store = openGenerationStore({ dir: join(dataDir, 'patterns'), clock });
  const host = createDirectoryHost({ dataDir, store, clock, trust: trust.map(parsePublicKey), onFault });
  const updater = createUpdater({ store, root, sources, clock });
  return {
    store,
    isServed: () => host.isServed(),
    look: (order, signal) => updater.look({ ...order, signal, install: (containers, deltas) => host.install(containers, deltas) }),
    serve: () => host.serve(),
  };
}
