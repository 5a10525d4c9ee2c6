/**
 * One writer at a time for a directory. Every contender makes a file of its own, named after itself and a token that
 * is never used again, and then looks around: it holds the lock when no other living contender has a file. Of two that
 * come at once the later look sees both files, so never both hold it; the smaller token waits for the other to step
 * back. A dead contender's file can be removed without any race, because its name never comes back.
 *
 * Contenders that cannot be seen (another container, another machine, the time before a reboot) are presumed dead:
 * their file is removed, and they have a moment to notice it, which they do before every acknowledgement (`isHeld`).
 * One that lives all the same and wakes up later cannot do harm either: it is fenced off (`fence.ts`).
 */
import { join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { errnoOf, type DurableFiles } from '../files/durable-files.js';
import { fenceOff, removeRewrites } from './fence.js';
import { formatHolder, holderState, parseHolder, type ProcessProbe } from './lock-holder.js';

/** How and where to lock. */
export interface LockOptions {
  readonly files: DurableFiles;
  readonly dir: string;
  /** Start of the names of its files. */
  readonly name: string;
  /** Name of the file in `dir` that only the holder writes. */
  readonly guards: string;
  readonly clock: Clock;
  /** How long to wait for the holder to let go. */
  readonly waitMs: number;
  readonly processes: ProcessProbe;
  /** A new random token at every call, lower-case hex. */
  readonly token: () => string;
}

/** A lock that is held. */
export interface Lock {
  /** False once somebody took it over. */
  isHeld(): Promise<boolean>;
  release(): Promise<void>;
}

const pollMs = 10;
const pollsForWeaker = 10;

/** For an unseen holder to notice that it is one no more. */
const graceMs = 1000;

/** @throws VedetteError `store-busy` when another process holds it for longer than `waitMs`. */
export async function acquireLock(options: LockOptions): Promise<Lock> {
  const { clock, waitMs } = options;
  const until = clock.monotonicMs() + waitMs;
  for (;;) {
    const lock = await tryLock(options);
    if (lock !== undefined) {
      return lock;
    }
    if (clock.monotonicMs() >= until) {
      throw new VedetteError('store-busy', `${options.dir} is in use by another process`, { detail: { waitMs } });
    }
    await pause(clock, pollMs);
  }
}

async function tryLock(options: LockOptions): Promise<Lock | undefined> {
  const { files, dir, name } = options;
  const token = options.token();
  const path = join(dir, `${name}-${formatHolder(options.processes.self(), token)}`);
  await (await files.create(path)).close();
  const lock: Lock = { isHeld: () => files.exists(path), release: () => files.remove(path) };
  try {
    if ((await outlast(options, { token, lock })) && (await lock.isHeld())) {
      await removeRewrites(options);
      return lock;
    }
  } catch (error) {
    await lock.release();
    throw error;
  }
  await lock.release();
  return undefined;
}

interface Contender {
  readonly token: string;
  readonly lock: Lock;
}

/** True when no other contender is left; false when this one has to step back. */
async function outlast(options: LockOptions, me: Contender): Promise<boolean> {
  const { token } = me;
  for (let poll = 0; poll < pollsForWeaker; poll++) {
    const others = await survey(options, token);
    if (others.alive.length === 0) {
      await evict(options, others, me);
      return true;
    }
    if (others.alive.some((other) => other < token)) {
      return false;
    }
    await pause(options.clock, pollMs);
  }
  return false;
}

interface Contenders {
  /** Tokens. */
  readonly alive: string[];
  /** Names. */
  readonly dead: string[];
  readonly unseen: string[];
  /** Names of marks: somebody unseen was evicted, and whoever did so did not live to fence it off. */
  readonly evicted: string[];
}

async function survey(options: LockOptions, token: string): Promise<Contenders> {
  const others: Contenders = { alive: [], dead: [], unseen: [], evicted: [] };
  for (const name of await options.files.list(options.dir)) {
    if (name.startsWith(evictedName(options, ''))) {
      others.evicted.push(name);
      continue;
    }
    const parsed = name.startsWith(`${options.name}-`) ? parseHolder(name.slice(options.name.length + 1)) : undefined;
    if (parsed === undefined || parsed.token === token) {
      continue;
    }
    const state = holderState(parsed.holder, options.processes);
    others[state].push(state === 'alive' ? parsed.token : name);
  }
  return others;
}

/** The file of an unseen contender becomes a mark that stays until it is fenced off, by this process or the next. */
async function evict(options: LockOptions, { dead, unseen, evicted }: Contenders, me: Contender): Promise<void> {
  const { files, dir, name: own } = options;
  for (const name of dead) {
    await files.remove(join(dir, name));
  }
  for (const name of unseen) {
    await renameIfThere(files, join(dir, name), join(dir, evictedName(options, name.slice(own.length + 1))));
  }
  if (unseen.length + evicted.length === 0) {
    return;
  }
  await pause(options.clock, graceMs);
  if (!(await fenceOff(options, { token: me.token, isHeld: () => me.lock.isHeld() }))) {
    return;
  }
  for (const name of [...evicted, ...unseen.map((one) => evictedName(options, one.slice(own.length + 1)))]) {
    await files.remove(join(dir, name));
  }
}

function evictedName({ name }: LockOptions, holder: string): string {
  return `${name}.evicted-${holder}`;
}

async function renameIfThere(files: DurableFiles, from: string, to: string): Promise<void> {
  try {
    await files.rename(from, to);
  } catch (error) {
    if (errnoOf(error) !== 'ENOENT') {
      throw error;
    }
  }
}

function pause(clock: Clock, ms: number): Promise<void> {
  return clock.sleep(ms, new AbortController().signal);
}
