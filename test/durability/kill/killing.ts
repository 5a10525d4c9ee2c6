/** One data directory and its processes, each killed at a moment drawn at random, from inside or from outside. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setTimeout as passing } from 'node:timers/promises';
import type { Random } from '../../../src/base/seams.js';
import { openJournalQueue } from '../../../src/node/journal/open-journal-queue.js';
import type { PendingEntry } from '../../../src/pending/pending-queue.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { toArray } from '../../../src/testing/assertions.js';
import { faultsAfterKill, faultsAtTheEnd, Ledger, readEffects } from './ledger.js';
import { deaths, hookVariables, phases, type ChildOrders, type Death, type Sabotage } from './phases.js';

export interface KillingOptions {
  readonly dir: string;
  readonly handler: ChildOrders['handler'];
  readonly sabotage: Sabotage;
  readonly server: { readonly url: string; lossShare: number };
  readonly random: Random;
  /** Bundled child and hook. */
  readonly child: string;
  readonly hook: string;
}

/** How kills fell. */
export interface Tally {
  kills: number;
  /** By the mode of the hook, and `time` for kills from outside. */
  readonly deaths: Map<string, number>;
  /** Between the beginning of a write and the end of its sync. */
  insideWrite: number;
}

export class Killing {
  readonly ledger = new Ledger();
  readonly tally: Tally = { kills: 0, deaths: new Map(), insideWrite: 0 };
  readonly #options: KillingOptions;
  readonly #effects: string;
  readonly #phase: string;
  #lives = 0;
  #lifeMs = 200;

  constructor(options: KillingOptions) {
    this.#options = options;
    mkdirSync(options.dir, { recursive: true });
    this.#effects = join(options.dir, 'effects');
    this.#phase = join(options.dir, 'phase');
    writeFileSync(this.#effects, '');
  }

  /** How long a process takes on this machine to say its first hundred lines: what uniform in time is uniform over. */
  async calibrate(): Promise<string[]> {
    let openedAt = 0;
    let heard = 0;
    return this.liveUntil((line) => {
      openedAt = line === 'open' ? performance.now() : openedAt;
      this.#lifeMs = performance.now() - openedAt;
      return ++heard === 100;
    });
  }

  /** Lets a process live and kills it, every other one from outside unless its death is given; what is wrong afterwards. */
  async kill(death?: Death): Promise<string[]> {
    const { random, server } = this.#options;
    server.lossShare = [0.2, 0.5, 0.8][Math.floor(random() * 3)]!;
    const inside = death ?? (this.tally.kills % 2 === 0 ? deaths[Math.floor(random() * deaths.length)]! : undefined);
    const mode = inside ?? 'time';
    const child = this.#start('endless', inside === undefined ? '' : `${mode}:${1 + Math.floor(random() * 25)}`);
    await (inside === undefined ? Promise.all([this.#hearAll(child), this.#killInTime(child)]) : this.#hearAll(child));
    this.#count(mode, child);
    return faultsAfterKill(this.ledger, await this.#entries(), readEffects(this.#effects));
  }

  /** Lets a process live until it has said so much, or so long where that comes first, and kills it; what is wrong afterwards. */
  async liveUntil(isEnough: (line: string) => boolean, afterMs = Number.POSITIVE_INFINITY): Promise<string[]> {
    this.#options.server.lossShare = 0.3;
    const child = this.#start('endless', '');
    const timer = Number.isFinite(afterMs) ? setTimeout(() => child.kill('SIGKILL'), afterMs) : undefined;
    await this.#hearAll(child, (line) => isEnough(line) && child.kill('SIGKILL'));
    clearTimeout(timer);
    this.#count('time', child);
    return faultsAfterKill(this.ledger, await this.#entries(), readEffects(this.#effects));
  }

  /** Lets a process drain everything; what is wrong afterwards. */
  async finish(): Promise<string[]> {
    this.#options.server.lossShare = 0;
    const child = this.#start('finish', '');
    await this.#hearAll(child);
    return child.exitCode === 0 ? faultsAtTheEnd(this.ledger, await this.#entries(), readEffects(this.#effects)) : [`the last process ended with ${child.exitCode}`];
  }

  /** Applications that an idempotent handler knew by their key: interrupted before their outcome was journalled. */
  get recognised(): number {
    return readEffects(this.#effects).recognised;
  }

  #start(work: ChildOrders['work'], kill: string): ChildProcess {
    const { dir, handler, sabotage, server, child, hook } = this.#options;
    writeFileSync(this.#phase, phases.idle);
    const orders: ChildOrders = { dir, effects: this.#effects, server: server.url, handler, sabotage, seed: ++this.#lives, work };
    const env = { ...process.env, [hookVariables.kill]: kill, [hookVariables.phase]: this.#phase };
    return spawn(process.execPath, ['--import', hook, child, JSON.stringify(orders)], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  }

  async #hearAll(child: ChildProcess, then: (line: string) => unknown = () => undefined): Promise<void> {
    const lines = createInterface({ input: child.stdout! });
    lines.on('line', (line) => {
      this.ledger.hear(line);
      then(line);
    });
    await Promise.all([once(child, 'exit'), once(lines, 'close')]);
  }

  /** Uniform in time: from the first sign of life on, one in eight from the very start. */
  async #killInTime(child: ChildProcess): Promise<void> {
    const { random } = this.#options;
    if (random() > 0.125) {
      await Promise.race([once(child.stdout!, 'data'), once(child, 'exit')]);
    }
    await passing(random() * this.#lifeMs);
    child.kill('SIGKILL');
  }

  #count(mode: string, child: ChildProcess): void {
    const { tally } = this;
    if (child.signalCode !== 'SIGKILL') {
      throw new Error(`the child was to be killed (${mode}) and ended by itself with ${child.exitCode}`);
    }
    tally.kills++;
    tally.deaths.set(mode, (tally.deaths.get(mode) ?? 0) + 1);
    tally.insideWrite += readFileSync(this.#phase, 'latin1') === phases.idle ? 0 : 1;
  }

  async #entries(): Promise<PendingEntry[]> {
    const queue = await openJournalQueue({ dir: join(this.#options.dir, 'pending'), clock: createSystemClock(), slackBytes: 50_000 });
    const entries = await toArray(queue.list());
    await queue.close();
    return entries;
  }
}
