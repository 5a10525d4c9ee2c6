/**
 * All cores for one server: a primary process that starts workers, shares its port among them, starts those anew that die,
 * adds up their counters and ends them in order. Workers map the same store, so that a further one costs little memory.
 *
 * A worker is the same program started again; `joinCluster` gives it what the primary hands over.
 */
import cluster, { type Worker } from 'node:cluster';
import { setTimeout as wait } from 'node:timers/promises';
import { VedetteError } from '../../base/errors.js';
import type { ServerCounts } from '../metrics.js';

/** What the primary says. */
type ToWorker =
  | { readonly vedette: 'start'; readonly settings: Readonly<Record<string, string>> }
  | { readonly vedette: 'count'; readonly id: number }
  | { readonly vedette: 'counted'; readonly id: number; readonly counts: readonly ServerCounts[] }
  | { readonly vedette: 'stop' };

/** What a worker says. */
type ToPrimary =
  | { readonly vedette: 'ready' }
  | { readonly vedette: 'listening'; readonly url: string }
  | { readonly vedette: 'counts'; readonly id: number; readonly counts: ServerCounts }
  | { readonly vedette: 'ask'; readonly id: number };

/** How a primary starts its workers. */
export interface ClusterOptions {
  readonly workers: number;
  /** Handed to every worker, over a pipe that nobody else reads. */
  readonly settings: Readonly<Record<string, string>>;
  /** Told of workers that died and are started anew. */
  readonly onFault?: ((error: unknown) => void) | undefined;
}

/** Workers that answer. */
export interface RunningCluster {
  readonly url: string;
  /** Ends all workers after the answers under way. */
  close(): Promise<void>;
}

/** What a worker is given. */
export interface ClusterMember {
  readonly settings: Readonly<Record<string, string>>;
  /** Fires when the primary ends, or is gone. */
  readonly signal: AbortSignal;
  listening(url: string): void;
  /** The counters of all workers. `own` is asked for those of this one. */
  counts(): Promise<readonly ServerCounts[]>;
  onCount(own: () => ServerCounts): void;
}

/**
 * MiB of a worker's heap at most. It never comes near: but V8 takes half of it for the most that may be mapped at once, collects
 * everything beyond that and forgets what it has compiled, 30 ms during which nobody is answered. A table is mapped by
 * the 4 GiB, once when it is opened and once when it is let go.
 */
const heapMiB = 9216;
const heapLimit = /(^|\s)--max[-_]old[-_]space[-_]size\b/;
const restartMs = 1000;
/** Longer than answers under way are waited for. */
const stopMs = 15_000;
const countMs = 1000;

/** True in a process that `runCluster` started. */
export function isClusterWorker(): boolean {
  return cluster.isWorker;
}

/** Starts workers and resolves when all of them listen. @throws VedetteError `config-invalid` when one cannot be started. */
export async function runCluster(options: ClusterOptions): Promise<RunningCluster> {
  const ending = new AbortController();
  const counting = createCounting();
  if (!heapLimit.test([process.env['NODE_OPTIONS'], ...process.execArgv].join(' '))) {
    cluster.setupPrimary({ execArgv: [...process.execArgv, `--max-old-space-size=${heapMiB}`, '--no-parallel-scavenge'] });
  }
  const urls = await Promise.all(Array.from({ length: options.workers }, () => startWorker(options, { ending: ending.signal, counting, isFirst: true })));
  return {
    url: urls[0] ?? '',
    async close() {
      ending.abort();
      await Promise.all(Object.values(cluster.workers ?? {}).flatMap((worker) => (worker === undefined ? [] : [stopWorker(worker)])));
    },
  };
}

interface Around {
  readonly ending: AbortSignal;
  readonly counting: Counting;
  /** A worker that never listened is an error of the settings, not a mishap. */
  readonly isFirst: boolean;
}

function startWorker(options: ClusterOptions, around: Around): Promise<string> {
  return new Promise((resolve, reject) => {
    const worker = cluster.fork();
    let url: string | undefined;
    worker.on('message', (message: ToPrimary) => {
      switch (message.vedette) {
        case 'ready':
          tell(worker, { vedette: 'start', settings: options.settings });
          // What was said before it listened, it did not hear.
          if (around.ending.aborted) {
            tell(worker, { vedette: 'stop' });
          }
          return;
        case 'listening':
          url = message.url;
          resolve(url);
          return;
        case 'counts':
          around.counting.take(message);
          return;
        case 'ask':
          void around.counting.ask().then((counts) => tell(worker, { vedette: 'counted', id: message.id, counts }));
      }
    });
    worker.once('error', (error) => options.onFault?.(error));
    worker.once('exit', (code, signal) => {
      if (around.ending.aborted) {
        resolve(url ?? '');
      } else if (url === undefined && around.isFirst) {
        reject(new VedetteError('config-invalid', `a worker could not be started (${signal ?? `status ${code}`})`, { detail: { what: 'worker' } }));
      } else {
        options.onFault?.(new Error(`a worker ended (${signal ?? `status ${code}`}) and is started anew`));
        void restart(options, { ...around, isFirst: false });
      }
    });
  });
}

async function restart(options: ClusterOptions, around: Around): Promise<void> {
  await wait(restartMs, undefined, { signal: around.ending }).catch(() => undefined);
  if (!around.ending.aborted) {
    await startWorker(options, around);
  }
}

function stopWorker(worker: Worker): Promise<void> {
  return new Promise((resolve) => {
    if (worker.isDead()) {
      resolve();
      return;
    }
    const late = setTimeout(() => worker.process.kill('SIGKILL'), stopMs);
    worker.once('exit', () => {
      clearTimeout(late);
      resolve();
    });
    tell(worker, { vedette: 'stop' });
  });
}

function tell(worker: Worker, message: ToWorker): void {
  if (worker.isConnected()) {
    worker.send(message, undefined, () => undefined);
  }
}

/** Questions for counters that are under way. */
interface Counting {
  ask(): Promise<readonly ServerCounts[]>;
  take(answer: { readonly id: number; readonly counts: ServerCounts }): void;
}

function createCounting(): Counting {
  const open = new Map<number, (counts: ServerCounts) => void>();
  let next = 0;
  return {
    async ask() {
      const workers = Object.values(cluster.workers ?? {}).filter((one) => one !== undefined);
      const all: ServerCounts[] = [];
      const id = next++;
      const answered = new Promise<void>((resolve) => {
        open.set(id, (counts) => {
          if (all.push(counts) === workers.length) {
            resolve();
          }
        });
      });
      workers.forEach((worker) => tell(worker, { vedette: 'count', id }));
      // One that hangs keeps the others' counters from nobody.
      await Promise.race([answered, wait(countMs, undefined, { ref: false })]);
      open.delete(id);
      return all;
    },
    take: ({ id, counts }) => open.get(id)?.(counts),
  };
}

/** In a worker: resolves when the primary has handed over its settings. */
export function joinCluster(): Promise<ClusterMember> {
  const ending = new AbortController();
  const asked = new Map<number, (counts: readonly ServerCounts[]) => void>();
  let own: (() => ServerCounts) | undefined;
  let next = 0;
  const say = (message: ToPrimary): void => void process.send?.(message);
  process.once('disconnect', () => ending.abort());
  return new Promise((resolve) => {
    process.on('message', (message: ToWorker) => {
      switch (message.vedette) {
        case 'start':
          resolve(member(message.settings));
          return;
        case 'count':
          if (own !== undefined) {
            say({ vedette: 'counts', id: message.id, counts: own() });
          }
          return;
        case 'counted':
          asked.get(message.id)?.(message.counts);
          asked.delete(message.id);
          return;
        case 'stop':
          ending.abort();
      }
    });
    say({ vedette: 'ready' });
  });

  function member(settings: Readonly<Record<string, string>>): ClusterMember {
    return {
      settings,
      signal: ending.signal,
      listening: (url) => say({ vedette: 'listening', url }),
      counts: () =>
        new Promise((resolve) => {
          const id = next++;
          asked.set(id, resolve);
          say({ vedette: 'ask', id });
        }),
      onCount: (count) => {
        own = count;
      },
    };
  }
}
