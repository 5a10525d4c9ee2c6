/**
 * A server's data directory kept up to date by the program that answers from it: server patterns are looked for hourly and taken
 * into the store, in a process of their own. Those that answer go over to it by themselves, in this process or another.
 */
import type { Clock, Random } from '../../base/seams.js';
import { createSystemClock, systemRandom } from '../../preset/system-seams.js';
import { componentsOf } from '../../update/subscription.js';
import type { UpdateStatus, Upkeep, UpkeepHands } from '../../update/upkeep.js';
import { lowestPriority } from '../own-priority.js';
import { createWorkHere, type ServerWork, type ServerWorkOptions } from './apart/server-work.js';
import { createWorkApart, programOf, type ApartOptions } from './apart/work-apart.js';
import { readRoot } from './open-upkeep.js';
import type { UpdateConfig } from './update-config.js';
import type { UpdateReport } from './updater.js';
import { createUpkeep } from './upkeep.js';

/** Options of `keepServerUpdated`. */
export interface ServerUpdateOptions extends Pick<UpdateConfig, 'root' | 'sources'> {
  /** The one that `vedette serve --data` answers from. */
  readonly dataDir: string;
  /** Public keys (`ed25519:…`), one of which has to have signed a server pattern. */
  readonly trust: readonly string[];
  readonly clock?: Clock | undefined;
  readonly random?: Random | undefined;
  /**
   * The process that looks and merges. `false`: this one, for programs that may start no other, or that have set up `fetch` for
   * themselves; answers wait for it then, by seconds where a million records are listed.
   */
  readonly apart?: ApartOptions | false | undefined;
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
 * @throws VedetteError `config-invalid` for sources, keys or a root that cannot be used; RangeError for a priority that is none.
 */
export async function keepServerUpdated(options: ServerUpdateOptions): Promise<ServerUpdates> {
  const { dataDir, sources, trust, clock = createSystemClock(), random = systemRandom } = options;
  const onFault = (error: unknown): void => options.onFault?.(error);
  const given: ServerWorkOptions = { dataDir, sources, trust, clock, onFault, root: await readRoot(options.root) };
  const here = createWorkHere(given);
  const work = inTurn(workFor(given, options.apart) ?? here, () => here.isServed());
  const upkeep = createUpkeep({
    store: here.store,
    components: componentsOf('server'),
    updater: { look: ({ signal, components, at, only }) => work.look({ components, at, only }, signal) },
    clock,
    random,
    isUnread: true,
    onReport: options.onReport === undefined ? undefined : (report) => options.onReport?.(report),
  });
  const ending = new AbortController();
  const looping = tendOn(upkeep, { work, clock, onFault, ending: ending.signal });
  return {
    status: () => upkeep.status(),
    close: async () => {
      ending.abort();
      await looping;
      await work.idle();
    },
  };
}

interface Around extends Pick<ServerWorkOptions, 'clock' | 'onFault'> {
  readonly work: ServerWork;
  readonly ending: AbortSignal;
}

/** All that the upkeep has to do, until the end. */
async function tendOn(upkeep: Upkeep, around: Around): Promise<void> {
  const { work, clock, onFault, ending } = around;
  let nap = new AbortController();
  const hands: UpkeepHands = {
    // A look takes what it has found into use by itself.
    install: () => Promise.resolve(),
    adopt: () => work.serve(ending),
    inUse: () => undefined,
    here: () => ({ location: 'internal', sources: undefined }),
    heard: () => ({ covers: undefined, newest: undefined }),
    onFault: (error) => (ending.aborted ? undefined : onFault(error)),
    soon: () => nap.abort(),
  };
  while (!ending.aborted) {
    const inMs = await upkeep.tend(hands, ending);
    nap = new AbortController();
    const stop = (): void => nap.abort();
    ending.addEventListener('abort', stop, { once: true });
    await clock.sleep(ending.aborted ? 0 : inMs, nap.signal, { background: true }).catch(() => undefined);
    ending.removeEventListener('abort', stop);
  }
}

/** Undefined: in this process. */
function workFor(given: ServerWorkOptions, apart: ServerUpdateOptions['apart'] = {}): ServerWork | undefined {
  const { priority = lowestPriority } = apart === false ? {} : apart;
  if (!Number.isInteger(priority) || priority < 0 || priority > lowestPriority) {
    throw new RangeError(`apart.priority: expected a whole number from 0 to ${lowestPriority}`);
  }
  const args = apart === false ? undefined : programOf(apart);
  return args === undefined ? undefined : createWorkApart(given, { args, priority });
}

/** One task after the other: a store that a look is writing to is not to be written by another. */
function inTurn(work: ServerWork, isServed: () => Promise<boolean>): ServerWork & { idle(): Promise<void> } {
  let last: Promise<unknown> = Promise.resolve();
  const next = <T>(task: () => Promise<T>): Promise<T> => {
    const mine = last.then(task, task);
    last = mine.catch(() => undefined);
    return mine;
  };
  return {
    look: (order, signal) => next(() => work.look(order, signal)),
    serve: (signal) => next(async () => ((await isServed()) ? undefined : work.serve(signal))),
    idle: async () => void (await last),
  };
}
