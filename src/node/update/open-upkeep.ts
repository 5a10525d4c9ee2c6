/** The upkeep of an engine with a data directory, loaded when the engine's background work first has a turn for it. */
import { open } from 'node:fs/promises';
import { describeError, VedetteError } from '../../base/errors.js';
import type { Clock, Random } from '../../base/seams.js';
import { componentsOf } from '../../update/subscription.js';
import type { UpdateStatus, Upkeep, UpkeepHands } from '../../update/upkeep.js';
import type { GenerationStore } from './generation-store.js';
import type { UpdateConfig } from './update-config.js';
import type { Updater } from './updater.js';

/** What the upkeep of an engine needs. */
export interface EngineUpkeepOptions {
  readonly store: GenerationStore;
  readonly update: UpdateConfig | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

const maxRootBytes = 65_536;
const retryMs = 60_000;

/** An upkeep that is put together at its first turn: until then nothing is opened, and no package is loaded. */
export function createEngineUpkeep(options: EngineUpkeepOptions): Upkeep {
  let upkeep: Upkeep | undefined;
  return {
    async tend(hands: UpkeepHands, signal: AbortSignal): Promise<number> {
      try {
        upkeep ??= await openUpkeep(options);
      } catch (error) {
        hands.onFault(error);
        return retryMs;
      }
      return upkeep.tend(hands, signal);
    },
    status: (): UpdateStatus | undefined => upkeep?.status(),
  };
}

async function openUpkeep({ store, update, clock, random }: EngineUpkeepOptions): Promise<Upkeep> {
  const { createUpkeep } = await import('./upkeep.js');
  if (update === undefined) {
    return createUpkeep({ store, components: componentsOf('agent'), clock, random });
  }
  const { components = componentsOf('agent') } = update;
  const updater = await openUpdater(update, { store, clock });
  return createUpkeep({ store, components: components.filter((kind) => componentsOf('agent').includes(kind)), updater, clock, random });
}

async function openUpdater({ root, sources, site, relay }: UpdateConfig, parts: Pick<EngineUpkeepOptions, 'store' | 'clock'>): Promise<Updater> {
  const { createUpdater } = await import('./updater.js');
  const publisher = createUpdater({ ...parts, root: await readRoot(root), sources, keepTargets: relay });
  if (site === undefined) {
    return publisher;
  }
  const { joinUpdaters } = await import('./look/two-repositories.js');
  return joinUpdaters({ ...parts, publisher, site: createUpdater({ ...parts, root: await readRoot(site.root), sources: site.sources, keepTargets: relay }) });
}

/**
 * The text of a root.json.
 * @throws VedetteError `config-invalid` when it cannot be read or is too long.
 */
export async function readRoot(path: string): Promise<string> {
  try {
    const handle = await open(path, 'r');
    try {
      const buffer = Buffer.alloc(maxRootBytes + 1);
      const { bytesRead } = await handle.read(buffer, 0, buffer.length, 0);
      if (bytesRead > maxRootBytes) {
        throw new RangeError(`more than ${maxRootBytes} bytes`);
      }
      return buffer.toString('utf8', 0, bytesRead);
    } finally {
      await handle.close();
    }
  } catch (error) {
    throw new VedetteError('config-invalid', `root metadata ${path}: ${describeError(error)}`, { cause: error });
  }
}
