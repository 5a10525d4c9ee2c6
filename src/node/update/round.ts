/**
 * The steps of one look for updates. What a source does wrong is put down under the name of the attack that it would
 * have been, and the next source is asked.
 */
import { createHash } from 'node:crypto';
import { describeError, throwIfAborted, VedetteError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import type { ComponentKind } from '../../pattern/container-format.js';
import { parseCatalogue, type Offer } from '../../update/catalogue.js';
import type { GenerationsKept } from '../../update/generations.js';
import { assertMetadataRules, type RepositoryMetadata } from '../../update/metadata-rules.js';
import { planUpdate, type UpdatePlan } from '../../update/plan.js';
import { orderedSources, type UpdateSource } from '../../update/sources.js';
import { nodeFiles } from '../durable-files.js';
import { fetchBytes, transferLimits, type TransferLimits } from './download.js';
import { fetchComponent } from './fetch-component.js';
import type { Fetch } from './http-body.js';
import { removeParts } from './part-file.js';
import { detailOf } from './transfer-error.js';
import { refreshMetadata } from './tuf-client.js';
import type { LookOptions, UpdatedComponent, UpdateRefusal, UpdateReport, UpdaterOptions } from './updater.js';

/** A source that was believed. */
interface Believed {
  readonly source: UpdateSource;
  readonly offers: readonly Offer[];
  readonly isConsistent: boolean;
}

/** One look, from the first source to the report. */
export class Round {
  readonly #options: UpdaterOptions;
  readonly #look: LookOptions;
  readonly #dir: string;
  readonly #signal: AbortSignal;
  readonly #limits: TransferLimits;
  readonly #refused: UpdateRefusal[] = [];
  readonly #targets: string[] = [];

  constructor(options: UpdaterOptions, look: LookOptions, dir: string) {
    this.#options = options;
    this.#look = look;
    this.#dir = dir;
    this.#signal = look.signal ?? new AbortController().signal;
    this.#limits = { ...transferLimits, ...options.limits };
  }

  async run(): Promise<UpdateReport> {
    const { sources, whereabouts } = this.#options;
    const here = orderedSources(sources, whereabouts?.() ?? { location: 'external', addresses: [] });
    const updated: UpdatedComponent[] = [];
    let last: UpdateSource | undefined;
    for (const source of here) {
      const believed = await this.#believe(source);
      if (believed === undefined) {
        continue;
      }
      last = source;
      const left = this.#look.components.filter((component) => !updated.some((one) => one.component === component));
      const refusedBefore = this.#refused.length;
      updated.push(...(await this.#take(believed, { here, components: left })));
      // Relays that only ask each other would stand still together: what has nothing new is not the last word of the origin.
      const isLastWord = this.#refused.length === refusedBefore && ((source.scope ?? 'origin') !== 'relay' || updated.length > 0);
      if (isLastWord) {
        break;
      }
    }
    return this.#report(last === undefined ? 'failed' : updated.length > 0 ? 'updated' : 'current', last, updated);
  }

  /** The repository as this source shows it, verified; undefined where it is not to be believed. */
  async #believe(source: UpdateSource): Promise<Believed | undefined> {
    const { store, root, clock } = this.#options;
    const repository = createHash('sha256').update(root).digest('hex').slice(0, 16);
    const trusted = (await store.metadata(repository)) ?? { root };
    const refreshed = await refreshMetadata({
      source,
      trusted,
      dir: this.#dir,
      limits: this.#limits,
      fetchBytes: (url, maxBytes) => fetchBytes(url, maxBytes, { ...this.#wire(), limits: this.#limits }),
    });
    throwIfAborted(this.#look.signal);
    try {
      if (refreshed.kind === 'failed') {
        await store.keepMetadata(repository, refreshed.verified);
        throw refreshed.error;
      }
      const { metadata } = refreshed;
      assertMetadataRules(metadata, clock.now());
      await store.keepMetadata(repository, metadata);
      return { source, offers: parseCatalogue(metadata.targets), isConsistent: isConsistent(metadata) };
    } catch (error) {
      this.#refuse(source, error);
      return undefined;
    }
  }

  /** Downloads and installs what is newer. What one component is refused for keeps no other from its update. */
  async #take(
    believed: Believed,
    { here, components }: { readonly here: readonly UpdateSource[]; readonly components: readonly ComponentKind[] },
  ): Promise<readonly UpdatedComponent[]> {
    const kept = await this.#options.store.generations();
    const ready: { readonly updated: UpdatedComponent; readonly bytes: Uint8Array }[] = [];
    for (const component of components) {
      try {
        const made = await this.#fetch(component, { believed, here, kept });
        if (made !== undefined) {
          ready.push(made);
        }
      } catch (error) {
        throwIfAborted(this.#look.signal);
        this.#refuse(believed.source, error, component);
      }
    }
    const updated = await this.#install(ready, believed.source);
    if (updated.length > 0) {
      await removeParts(this.#dir, this.#options.files ?? nodeFiles);
    }
    return updated;
  }

  async #fetch(
    component: ComponentKind,
    from: { readonly believed: Believed; readonly here: readonly UpdateSource[]; readonly kept: GenerationsKept },
  ): Promise<{ readonly updated: UpdatedComponent; readonly bytes: Uint8Array } | undefined> {
    const { believed, kept, here } = from;
    const own = kept.components[component];
    const plan = planUpdate(believed.offers, component, { held: own?.current, newestEver: own?.newest });
    if (plan.kind === 'absent' || plan.kind === 'current') {
      return undefined;
    }
    const { store, clock, applyDelta, files = nodeFiles } = this.#options;
    const fetched = await fetchComponent(component, plan, {
      ...this.#wire(), clock, applyDelta, files,
      dir: this.#dir,
      limits: this.#limits,
      sources: [believed.source, ...here.filter((other) => other !== believed.source)],
      isConsistent: believed.isConsistent,
      base: () => store.read(component),
      onTarget: (path) => this.#targets.push(path),
    });
    const to = plan.kind === 'full' ? plan.file.generation : newestOf(plan);
    const updated = { component, ...(own === undefined ? {} : { from: own.current.generation }), to, by: fetched.by, bytes: fetched.moved };
    return { updated, bytes: fetched.bytes };
  }

  /** All in one switch; where that is refused, each by itself. */
  async #install(
    ready: readonly { readonly updated: UpdatedComponent; readonly bytes: Uint8Array }[],
    source: UpdateSource,
  ): Promise<readonly UpdatedComponent[]> {
    if (ready.length === 0) {
      return [];
    }
    try {
      await this.#options.install(ready.map((one) => one.bytes));
      return ready.map((one) => one.updated);
    } catch (error) {
      const [only] = ready;
      if (ready.length === 1) {
        this.#refuse(source, error, only?.updated.component);
        return [];
      }
    }
    const installed: UpdatedComponent[] = [];
    for (const one of ready) {
      installed.push(...(await this.#install([one], source)));
    }
    return installed;
  }

  #refuse(source: UpdateSource, error: unknown, component?: ComponentKind): void {
    const cause = detailOf(error, 'cause');
    const waitMs = detailOf(error, 'waitMs');
    this.#refused.push({
      source: source.url,
      ...(component === undefined ? {} : { component }),
      cause: typeof cause === 'string' ? cause : VedetteError.is(error) ? error.code : 'internal',
      message: describeError(error),
      ...(typeof waitMs === 'number' ? { waitMs } : {}),
    });
  }

  #report(kind: 'updated' | 'current' | 'failed', source: UpdateSource | undefined, updated: readonly UpdatedComponent[]): UpdateReport {
    const isIncomplete = this.#refused.some((one) => one.component !== undefined && !updated.some(({ component }) => component === one.component));
    return {
      kind: isIncomplete ? 'failed' : kind,
      ...(source === undefined ? {} : { source: source.url }),
      updated,
      refused: this.#refused,
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

function isConsistent(metadata: RepositoryMetadata): boolean {
  const root: unknown = JSON.parse(metadata.root);
  const signed: unknown = typeof root === 'object' && root !== null ? Reflect.get(root, 'signed') : undefined;
  return typeof signed === 'object' && signed !== null && Reflect.get(signed, 'consistent_snapshot') === true;
}
