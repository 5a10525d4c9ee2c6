/**
 * The steps of one look for updates. What a source does wrong is put down under the name of the attack that it would
 * have been, and the next source is asked.
 */
import { throwIfAborted } from '../../../base/errors.js';
import type { Clock } from '../../../base/seams.js';
import type { ComponentKind } from '../../../pattern/container-format.js';
import { offersOf, type FindTarget, type Offer } from '../../../update/catalogue.js';
import { digestsOf, type GenerationsKept } from '../../../update/generations.js';
import { assertDistinctKeys, assertUnexpired } from '../../../update/metadata-rules.js';
import { applyDelta } from '../../../update/delta/apply-delta.js';
import { planUpdate, type UpdatePlan } from '../../../update/plan.js';
import { orderedSources, type UpdateSource } from '../../../update/sources.js';
import { nodeFiles } from '../../files/durable-files.js';
import { createNodeCrypto } from '../../node-crypto.js';
import { fetchBytes, transferLimits, type TransferLimits } from '../fetch/download.js';
import { fetchComponent } from '../fetch/fetch-component.js';
import type { Fetch } from '../fetch/http-body.js';
import type { KeptMetadata } from '../fetch/metadata-text.js';
import { dropParts, keepTargets } from '../fetch/keep-targets.js';
import { sortParts, type PartPlace } from '../fetch/part-file.js';
import { detailOf } from '../fetch/transfer-error.js';
import { visitRepository } from '../fetch/tuf-client.js';
import { repositoryName } from '../kept-names.js';
import { behindOf, blamedKind, refusalOf } from './refusal.js';
import type { LookOptions, UpdatedComponent, UpdateRefusal, UpdateReport, UpdaterOptions } from '../updater.js';

/** A source that was believed, and what it has of the components that were asked for. */
interface Believed {
  readonly source: UpdateSource;
  readonly offers: ReadonlyMap<ComponentKind, readonly Offer[]>;
  readonly isConsistent: boolean;
}

/** A container that was fetched, and what will be said about it. */
interface Made {
  readonly updated: UpdatedComponent;
  readonly bytes: Uint8Array;
  readonly deltas: readonly Uint8Array[];
}

/** One look, from the first source to the report. */
export class Round {
  readonly #options: UpdaterOptions;
  readonly #look: LookOptions;
  readonly #place: PartPlace;
  readonly #signal: AbortSignal;
  readonly #limits: TransferLimits;
  readonly #refused: UpdateRefusal[] = [];
  /** Relays that know less than this host. */
  readonly #behind: UpdateRefusal[] = [];
  /** Fetched, and not yet in use. */
  readonly #ready = new Map<ComponentKind, Made>();
  /** Refused, and not had from another source since. */
  readonly #failed = new Set<ComponentKind>();
  readonly #targets: string[] = [];
  readonly #downloaded = new Set<string>();

  constructor(options: UpdaterOptions, look: LookOptions, dir: string) {
    this.#options = options;
    this.#look = look;
    this.#place = { dir, files: options.files ?? nodeFiles, repository: repositoryName(options.root) };
    this.#signal = look.signal ?? new AbortController().signal;
    this.#limits = { ...transferLimits, ...options.limits };
  }

  async run(): Promise<UpdateReport> {
    const here = orderedSources(this.#sources(), this.#look.at ?? { location: 'external', addresses: [] });
    let last: UpdateSource | undefined;
    for (const source of here) {
      const left = this.#look.components.filter((component) => !this.#ready.has(component));
      const refusedBefore = this.#refused.length;
      const believed = await this.#believe(source, left);
      if (believed === undefined) {
        continue;
      }
      last = source;
      await this.#gather(believed, here);
      // Relays that only ask each other would stand still together: what has nothing new is not the last word of the origin.
      const isLastWord = this.#refused.length === refusedBefore && ((source.scope ?? 'origin') !== 'relay' || this.#ready.size > 0);
      if (isLastWord) {
        break;
      }
    }
    return this.#report(last, last === undefined ? [] : await this.#install(last));
  }

  /** Sources that a profile names are asked in its order; what is known of one besides still holds. */
  #sources(): readonly UpdateSource[] {
    const { sources } = this.#options;
    return this.#look.only?.map((url) => sources.find((source) => source.url === url) ?? { url, scope: 'customer' }) ?? sources;
  }

  /** The repository as this source shows it, verified; undefined where it is not to be believed. */
  async #believe(source: UpdateSource, components: readonly ComponentKind[]): Promise<Believed | undefined> {
    const { store, root } = this.#options;
    const { repository } = this.#place;
    const kept = await store.generations();
    const visited = await visitRepository({
      source,
      trusted: (await store.metadata(repository)) ?? { root, roles: {} },
      dir: this.#place.dir,
      limits: this.#limits,
      fetchBytes: (url, maxBytes) => fetchBytes(url, maxBytes, { ...this.#wire(), limits: this.#limits }),
      look: (find) => this.#offers(source, components, { kept, find }),
    });
    throwIfAborted(this.#look.signal);
    try {
      const { metadata } = visited;
      assertDistinctKeys(metadata.root);
      await store.keepMetadata(repository, metadata);
      if (visited.kind === 'failed') {
        throw visited.error;
      }
      for (const [role, text] of [['root', metadata.root] as const, ...topLevel(metadata)]) {
        assertUnexpired(role, text, this.#options.clock.now());
      }
      await dropParts(this.#place, metadata);
      return { source, offers: this.#unexpired(source, visited.found, metadata), isConsistent: isConsistent(metadata.root) };
    } catch (error) {
      if (source.scope === 'relay' && detailOf(error, 'cause') === 'rollback') {
        this.#behind.push(behindOf(source.url));
      } else {
        this.#refuse(source, error);
      }
      return undefined;
    }
  }

  /** What is offered; a component whose metadata are refused keeps no other from its update. */
  async #offers(
    source: UpdateSource,
    components: readonly ComponentKind[],
    { kept, find }: { readonly kept: GenerationsKept; readonly find: FindTarget },
  ): Promise<ReadonlyMap<ComponentKind, readonly Offer[]>> {
    const offers = new Map<ComponentKind, readonly Offer[]>();
    for (const component of components) {
      try {
        offers.set(component, await offersOf(component, kept.components[component]?.current.generation, find));
      } catch (error) {
        throwIfAborted(this.#look.signal);
        this.#refuse(source, error, component);
      }
    }
    return offers;
  }

  #unexpired(source: UpdateSource, offers: Believed['offers'], { roles }: KeptMetadata): Believed['offers'] {
    const left = [...offers].filter(([component]) => {
      try {
        const text = roles[component];
        if (text !== undefined) {
          assertUnexpired(component, text, this.#options.clock.now());
        }
        return true;
      } catch (error) {
        this.#refuse(source, error, component);
        return false;
      }
    });
    return new Map(left);
  }

  /** Downloads what is newer. */
  async #gather(believed: Believed, here: readonly UpdateSource[]): Promise<void> {
    const kept = await this.#options.store.generations();
    for (const component of believed.offers.keys()) {
      try {
        const made = await this.#fetch(component, { believed, here, kept });
        if (made !== undefined) {
          this.#ready.set(component, made);
        }
        this.#failed.delete(component);
      } catch (error) {
        throwIfAborted(this.#look.signal);
        this.#refuse(believed.source, error, component);
      }
    }
  }

  async #fetch(
    component: ComponentKind,
    from: { readonly believed: Believed; readonly here: readonly UpdateSource[]; readonly kept: GenerationsKept },
  ): Promise<Made | undefined> {
    const { believed, kept, here } = from;
    const own = kept.components[component];
    const plan = planUpdate(believed.offers.get(component) ?? [], component, { held: own?.current, newestEver: own?.newest });
    if (plan.kind === 'absent' || plan.kind === 'current') {
      return undefined;
    }
    const { store, clock, applyDelta = applyPortably } = this.#options;
    const fetched = await fetchComponent(component, plan, {
      ...this.#wire(), ...this.#place, clock, applyDelta,
      limits: this.#limits,
      sources: [believed.source, ...here.filter((other) => other !== believed.source)],
      isConsistent: believed.isConsistent,
      base: () => store.read(component),
      onTarget: (path, sha256) => {
        this.#targets.push(path);
        this.#downloaded.add(sha256);
      },
    });
    const to = plan.kind === 'full' ? plan.file.generation : newestOf(plan);
    const updated = { component, ...(own === undefined ? {} : { from: own.current.generation }), to, by: fetched.by, bytes: fetched.moved };
    return { updated, bytes: fetched.bytes, deltas: fetched.deltas };
  }

  /**
   * All in one switch, or nothing: components of one publication belong together. A signature that has moved from one to
   * the other would be in neither where one is new and the other is not.
   */
  async #install(source: UpdateSource): Promise<readonly UpdatedComponent[]> {
    const ready = [...this.#ready.values()];
    if (ready.length === 0 || this.#failed.size > 0) {
      return [];
    }
    try {
      await this.#look.install(ready.map((one) => one.bytes), new Map(ready.map(({ updated, deltas }) => [updated.component, deltas])));
    } catch (error) {
      throwIfAborted(this.#look.signal);
      const blamed = blamedKind(error) ?? (ready.length === 1 ? ready[0]?.updated.component : undefined);
      this.#refuse(source, error, blamed);
      if (blamed === undefined) {
        this.#ready.forEach((_, component) => this.#failed.add(component));
      }
      return [];
    }
    this.#ready.clear();
    await this.#tidy();
    return ready.map((one) => one.updated);
  }

  /** Parts are not needed any more; whoever passes on what he has keeps them as files. */
  async #tidy(): Promise<void> {
    const { store } = this.#options;
    const metadata = this.#options.keepTargets === true ? await store.metadata(this.#place.repository) : undefined;
    await (metadata === undefined
      ? sortParts(this.#place, () => ({ kind: 'goes' }))
      : keepTargets(this.#place, { metadata, downloaded: this.#downloaded, held: digestsOf(await store.generations()) }));
  }

  #refuse(source: UpdateSource, error: unknown, component?: ComponentKind): void {
    if (component !== undefined) {
      this.#failed.add(component);
    }
    this.#refused.push(refusalOf(source.url, error, component));
  }

  #report(source: UpdateSource | undefined, updated: readonly UpdatedComponent[]): UpdateReport {
    const isComplete = source !== undefined && this.#failed.size === 0;
    return {
      kind: !isComplete ? 'failed' : updated.length > 0 ? 'updated' : 'current',
      ...(source === undefined ? {} : { source: source.url }),
      updated,
      failed: source === undefined ? this.#look.components : [...this.#failed],
      heldBack: [...this.#ready.keys()].filter((component) => !this.#failed.has(component)),
      refused: source === undefined ? [...this.#refused, ...this.#behind] : this.#refused,
      targets: this.#targets,
    };
  }

  #wire(): { readonly fetch: Fetch; readonly clock: Clock; readonly signal: AbortSignal } {
    return { fetch: this.#options.fetch ?? fetch, clock: this.#options.clock, signal: this.#signal };
  }
}

function newestOf(plan: Extract<UpdatePlan, { readonly kind: 'chain' | 'older' }>): number {
  return plan.kind === 'chain' ? plan.full.generation : plan.generation;
}

const nodeCrypto = createNodeCrypto();

function applyPortably(base: Uint8Array, delta: Uint8Array, maxBytes: number): Uint8Array {
  return applyDelta(base, delta, { crypto: nodeCrypto, limits: { maxBytes: Math.max(maxBytes, delta.length) } });
}

function topLevel({ roles }: KeptMetadata): readonly (readonly [string, string])[] {
  return Object.entries(roles).filter(([role]) => ['timestamp', 'snapshot', 'targets'].includes(role));
}

function isConsistent(root: string): boolean {
  const json: unknown = JSON.parse(root);
  const signed: unknown = typeof json === 'object' && json !== null ? Reflect.get(json, 'signed') : undefined;
  return typeof signed === 'object' && signed !== null && Reflect.get(signed, 'consistent_snapshot') === true;
}
