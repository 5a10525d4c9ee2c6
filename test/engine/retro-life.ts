/** An engine with a retro log on a disk in memory, patterns that grow, and restarts: what tests of the retro-hunt live in. */
import '../support/loaded.js';
import type { ActionOutcome, CheckResult } from '../../src/base/check-result.js';
import { toUtf8 } from '../../src/base/bytes.js';
import { bytesSubject, type Subject } from '../../src/base/subject.js';
import type { Engine } from '../../src/engine/checker.js';
import type { EngineEvent } from '../../src/engine/events.js';
import type { EngineConfig } from '../../src/engine/options.js';
import { generateKeyPair } from '../../src/node/node-keys.js';
import { openJournalRetro } from '../../src/node/retro/open-journal-retro.js';
import { buildContainer } from '../../src/pattern/container.js';
import { encodeLists, type ListRuleData } from '../../src/pattern/lists-pattern.js';
import { createMemoryQueue } from '../../src/pending/memory-queue.js';
import type { PendingQueue } from '../../src/pending/pending-queue.js';
import { createInProcessTransport } from '../../src/preset/http/in-process-transport.js';
import { createMemoryState } from '../../src/preset/memory-state.js';
import { createEngine } from '../../src/preset/portable.js';
import type { GivenParts } from '../../src/preset/parts.js';
import { formatPublicKey } from '../../src/protocol/keys.js';
import type { Transport } from '../../src/query/transport.js';
import { createHandler } from '../../src/server/handler.js';
import { createMemoryStore } from '../../src/server/memory-store.js';
import { FakeClock } from '../../src/testing/doubles/fake-clock.js';
import { createSeededRandom } from '../../src/testing/doubles/seeded-random.js';
import { agentPattern, crypto, dayMs, filterPattern, serverPattern, startAt, type BuildOptions, type Feed } from '../support/feed.js';
import { SimDisk } from '../support/sim-disk.js';

const { signer } = generateKeyPair();

interface Components {
  readonly agent: Uint8Array;
  readonly filter: Uint8Array;
  readonly server: Uint8Array;
}

const made = new WeakMap<Feed, Map<number, Promise<Components>>>();

/** Made once: a property lives through the same generations again and again. */
function componentsOf(feed: Feed, generation: number): Promise<Components> {
  const known = made.get(feed) ?? new Map<number, Promise<Components>>();
  made.set(feed, known);
  const components = known.get(generation) ?? build(feed, { generation, signer, createdAt: startAt, expiresAt: startAt + 1000 * dayMs });
  known.set(generation, components);
  return components;
}

async function build(feed: Feed, options: BuildOptions): Promise<Components> {
  return { agent: await agentPattern(feed, options), filter: await filterPattern(feed, options), server: await serverPattern(feed, options) };
}

/** What a life may begin with. */
export interface LifeOptions {
  readonly config?: Partial<EngineConfig>;
  readonly parts?: GivenParts;
  readonly idempotent?: boolean;
  readonly apply?: (result: CheckResult, key: string) => ActionOutcome | Promise<ActionOutcome>;
}

function daysOf({ config }: LifeOptions): number | undefined {
  return config?.retro === 'off' ? undefined : config?.retro?.days;
}

export class RetroLife {
  readonly clock = new FakeClock();
  readonly events: EngineEvent[] = [];
  readonly applied: { readonly key: string; readonly result: CheckResult }[] = [];
  readonly files = new Map<string, Uint8Array>();
  readonly queue: PendingQueue = createMemoryQueue({ clock: this.clock, maxEntries: 1000 });
  disk = new SimDisk();
  /** Requests sent. */
  sent = 0;
  isServerUp = true;
  generation = 0;
  engine!: Engine;
  /** Engines so far: what one that was killed still does is not done. */
  #lives = 0;
  readonly #options: LifeOptions;
  readonly #state = createMemoryState();
  #server: Transport | undefined;

  constructor(options: LifeOptions = {}) {
    this.#options = options;
  }

  /** A first engine, or another one after `kill`. */
  start(options: LifeOptions = this.#options): this {
    const { clock } = this;
    const mine = ++this.#lives;
    const { disk } = this;
    this.engine = createEngine({
      background: 'manual',
      trust: [formatPublicKey(signer.publicKey)],
      servers: [{ address: 'in-process:test', scope: 'local' }],
      retro: {},
      ...options.config,
      parts: {
        clock,
        crypto,
        state: this.#state,
        random: createSeededRandom(mine),
        queue: this.queue,
        transport: { schemes: { 'in-process': 'secure' }, send: (body, how) => this.#send(body, how) },
        openers: { file: async ({ ref }) => this.#open(ref) },
        retro: () => openJournalRetro({ dir: '/data/retro', days: daysOf(options), clock, steady: { id: 'boot', nowMs: () => clock.monotonicMs() }, files: disk.files }),
        actions: {
          idempotent: options.idempotent ?? true,
          apply: async (result, { key }) => {
            await (mine === this.#lives ? undefined : new Promise<never>(() => undefined));
            const outcome = await options.apply?.(result, key);
            this.applied.push({ key, result });
            return outcome ?? { kind: 'done' };
          },
        },
        events: (event) => (mine === this.#lives ? this.events.push(event) : undefined),
        ...options.parts,
      },
    });
    return this;
  }

  /** As after a kill: nothing is closed, and the locks of the dead process are left to the next one. */
  kill(): void {
    this.#lives++;
    this.disk.interfere = () => new Promise(() => undefined);
    this.disk = new SimDisk(new Map([...this.disk.image()].filter(([path]) => !path.includes('.lock-'))));
  }

  /** The next generation of everything that the feed makes: served, and installed unless told otherwise. */
  async publish(feed: Feed, what: readonly ('agent' | 'filter' | 'server')[] = ['agent', 'filter', 'server']): Promise<void> {
    const { agent, filter, server } = await componentsOf(feed, ++this.generation);
    if (what.includes('server')) {
      const store = createMemoryStore(server, { crypto });
      this.#server = createInProcessTransport(createHandler({ store, crypto, clock: this.clock }), { clock: this.clock });
    }
    await (what.includes('agent') ? this.engine.install(agent) : undefined);
    await (what.includes('filter') ? this.engine.install(filter) : undefined);
  }

  /** The site's lists, a generation newer than the last. */
  async publishLists(rules: readonly ListRuleData[]): Promise<void> {
    const head = { kind: 'lists', generation: ++this.generation, createdAt: startAt, expiresAt: startAt + 1000 * dayMs, periodMs: 3_600_000 } as const;
    await this.engine.install(await buildContainer({ head, sections: encodeLists(rules), crypto, signer }));
  }

  /** Puts a file there and checks it. */
  async check(path: string, content: string): Promise<CheckResult> {
    this.files.set(path, toUtf8(content));
    const result = await this.clock.run(this.engine.check(this.#open(path)!));
    // What is remembered is written at once, and nobody waits for it.
    await this.clock.advance(0);
    return result;
  }

  /** Lets the background work do what is due, and what follows from that. */
  async maintain(rounds = 6): Promise<void> {
    for (let round = 0; round < rounds; round++) {
      await this.clock.run(this.engine.maintain());
      await this.clock.advance(20);
    }
  }

  /** Labels of what was reported long after it was judged. */
  retro(): string[] {
    return this.applied.filter(({ result }) => result.occasion === 'retro').map(({ result }) => result.subject.label ?? '').sort();
  }

  #open(path: string): Subject | undefined {
    const content = this.files.get(path);
    return content === undefined ? undefined : bytesSubject(content, { label: path, locator: { scheme: 'file', ref: path } });
  }

  #send(...[body, how]: Parameters<Transport['send']>): ReturnType<Transport['send']> {
    this.sent++;
    const server = this.isServerUp ? this.#server : undefined;
    return server?.send(body, how) ?? Promise.resolve({ kind: 'failed', retry: true, detail: 'connection refused' });
  }
}
