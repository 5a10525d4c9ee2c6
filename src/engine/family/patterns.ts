/**
 * The components in use. A check takes one view at its start and keeps it to its end, so that no verdict ever mixes
 * two generations while a new one is switched in.
 */
import type { ActionTable } from '../../action/action-table.js';
import { describeError, VedetteError } from '../../base/errors.js';
import { unionOfWants, type Wants } from '../../base/fingerprint.js';
import type { Generations, Verdict } from '../../base/verdict.js';
import type { Filter } from '../../filter/filter.js';
import type { FingerprintExtractor } from '../../fingerprint/extractor.js';
import type { SiteLists } from '../../lists/site-lists.js';
import type { PatternState } from '../../pattern/expiry.js';
import type { LocalPattern } from '../../scan/local-pattern.js';
import type { ComponentKind } from '../../pattern/container-format.js';
import type { Installed, Installer, Prepared } from '../../update/install.js';
import type { EventHub } from '../events.js';
import type { Component, Rooms } from '../rooms.js';
import { bothFilters } from './both-filters.js';

/** What one check sees of the patterns. */
export interface PatternView {
  readonly local: LocalPattern | undefined;
  /** SHA-256 of the agent pattern's container, hex. */
  readonly agentDigest: string | undefined;
  readonly localState: PatternState | undefined;
  readonly filter: Filter | undefined;
  readonly filterState: PatternState | undefined;
  readonly lists: SiteLists | undefined;
  readonly extractor: FingerprintExtractor;
  readonly wants: Wants;
  /** The newest server generation that was known when the view was taken. */
  readonly newestGeneration: number | undefined;
  /** By what was known then, the filter knows every entry: `wants` are its own. */
  readonly knowsAll: boolean;
  readonly generations: Generations;
  /** By what was known then, "not listed" by this filter, whoever made it, means clean. */
  readonly filterClears: boolean;
  /** The verdict on every URL that the filter clears at once: one object, which nobody can change. */
  readonly unlisted: Verdict;
}

/** The installed components and the ways to change them. */
export interface Patterns {
  view(newestGeneration: number | undefined): PatternView;
  /** Loads what was kept and what the host brings. A refused component is reported, the others are used. */
  load(): Promise<void>;
  /** Reads the host's own components again. True when something newer came. */
  refresh(): Promise<boolean>;
  /** The host's own components could not be had the last time. */
  isIncomplete(): boolean;
  /** Components from a network: all are switched to at once, or none. */
  install(components: readonly Uint8Array[]): Promise<Generations>;
  /** Components that the host has put in place behind the engine's back; after a rollback they may be older. */
  adopt(components: readonly Uint8Array[], how: { readonly rollback: boolean }): Promise<void>;
  /** Generation and digest (SHA-256 of the container, hex) of what is in use. */
  inUse(kind: ComponentKind): { readonly generation: number; readonly digest: string } | undefined;
  /** The site's action table, which takes the place of the default one. */
  actions(): ActionTable | undefined;
  /** Age of the oldest component in ms, whether any is past two periods, and when the next one will be. */
  age(): { readonly oldestMs: number; readonly stale: boolean; readonly nextStaleInMs: number };
}

const everyDigest: Wants = { md5: 'any', sha1: 'any' };

type Slots = { readonly [K in Component['kind']]?: Installed<Extract<Component, { readonly kind: K }>> };

/** What a view is made from. */
interface ViewFacts extends Pick<PatternView, 'localState' | 'filterState' | 'newestGeneration'> {
  readonly slots: Slots;
  readonly own: Filter | undefined;
}

/** The components of one engine family. */
export function createPatterns(rooms: Rooms, installer: () => Installer<Component>, events: EventHub): Patterns {
  let slots: Slots = {};
  let incomplete = false;
  let last: Promise<unknown> = Promise.resolve();
  let viewed: (ViewFacts & { readonly view: PatternView }) | undefined;

  /** One change after the other: two that were both newer than what was in use must not end with the older one. */
  function inTurn<T>(work: () => Promise<T>): Promise<T> {
    const turn = last.then(work, work);
    last = turn.catch(() => undefined);
    return turn;
  }

  /** The same object for as long as nothing has changed: every check asks for it. */
  function view(newestGeneration: number | undefined): PatternView {
    const now = rooms.clock.now();
    const agent = slots['agent-pattern']?.head;
    const filter = slots.filter?.head;
    const own = rooms.ownFilter?.();
    const localState = agent === undefined ? undefined : rooms.rules.patternState(agent, now);
    const filterState = filter === undefined ? undefined : rooms.rules.patternState(filter, now);
    if (
      viewed?.slots !== slots ||
      viewed.own !== own ||
      viewed.localState !== localState ||
      viewed.filterState !== filterState ||
      viewed.newestGeneration !== newestGeneration
    ) {
      const facts = { slots, own, localState, filterState, newestGeneration };
      viewed = { ...facts, view: viewOf(facts) };
    }
    return viewed.view;
  }

  function viewOf({ own, localState, filterState, newestGeneration }: ViewFacts): PatternView {
    const agent = slots['agent-pattern'];
    const filter = slots.filter;
    // Whoever says "not listed" of an unlisted digest must know all entries: without such a filter every algorithm is
    // asked about, since the server may hold entries of each.
    const judgement = 'not-listed';
    const facts = { covers: filter?.value.filter.covers ?? 0, state: filterState ?? 'expired' };
    const knowsAll = rooms.rules.filterRuling({ filter: facts, newestGeneration, judgement }) === 'clean';
    const filterWants = knowsAll ? wantsOf(filter?.value.filter) : everyDigest;
    const generations = generationsOf(slots);
    const ownFacts = own === undefined ? undefined : { covers: own.covers, state: 'fresh' as const };
    return {
      local: agent?.value.local ?? rooms.ownLocal,
      agentDigest: agent?.digest,
      localState,
      filter: bothFilters(filter?.value.filter, own),
      filterState,
      lists: slots.lists?.value.lists,
      extractor: filter?.value.extractor ?? rooms.extractor,
      wants: unionOfWants((agent?.value.local ?? rooms.ownLocal)?.wants ?? {}, filterWants),
      newestGeneration,
      knowsAll,
      filterClears: knowsAll || rooms.rules.filterRuling({ filter: ownFacts, newestGeneration, judgement }) === 'clean',
      generations,
      unlisted: Object.freeze({ disposition: 'clean', threats: Object.freeze([]), source: 'filter', generations: Object.freeze(generations) }),
    };
  }

  /** What the host brings itself, asked for again later where it cannot be had now. */
  async function bring(): Promise<readonly Uint8Array[]> {
    incomplete = true;
    const brought = await rooms.patterns();
    incomplete = false;
    return brought;
  }

  function take(bytes: Uint8Array, own: boolean): Promise<boolean> {
    return inTurn(() => takeNow(bytes, own));
  }

  async function takeNow(bytes: Uint8Array, own: boolean): Promise<boolean> {
    const prepared = await installer().prepare(bytes, { own, current: (kind) => slots[kind as keyof Slots] });
    if (prepared === undefined) {
      return false;
    }
    switchTo([prepared], 'installed');
    return true;
  }

  /** One assignment, after everything that can fail. */
  function switchTo(prepared: readonly Installed<Component>[], change: 'installed' | 'rolled-back'): void {
    slots = { ...slots, ...Object.fromEntries(prepared.map((one) => [one.value.kind, one])) };
    events.emit({ kind: 'pattern', change, generations: generationsOf(slots) });
    for (const { value } of prepared) {
      for (const { rule, reason } of value.kind === 'lists' ? value.lists.refused : []) {
        events.emit({ kind: 'fault', where: `site list rule ${rule}`, error: reason });
      }
    }
  }

  function refusedEvent(error: unknown): void {
    events.emit({
      kind: 'pattern',
      change: 'refused',
      generations: generationsOf(slots),
      detail: describeError(error),
    });
  }

  return {
    view,
    async load() {
      const faults: unknown[] = [];
      // A host that cannot be reached now must not cost what was kept.
      const brought = await bring().catch((error: unknown) => {
        faults.push(error);
        return [];
      });
      for (const bytes of brought) {
        await take(bytes, true).catch((error: unknown) => {
          refusedEvent(error);
          faults.push(error);
        });
      }
      // What was kept counts where it is newer than what the host brings, or where the host brings nothing.
      for (const bytes of await installer().kept()) {
        await take(bytes, true).catch((error: unknown) => {
          if (!isOlder(error)) {
            refusedEvent(error);
          }
        });
      }
      // What the host names itself and cannot be used is the host's fault: it must not go unnoticed.
      if (faults.length > 0) {
        throw faults[0];
      }
    },
    async refresh() {
      let changed = false;
      for (const bytes of await bring()) {
        changed =
          (await take(bytes, true).catch((error: unknown) => {
            if (!isOlder(error)) {
              refusedEvent(error);
            }
            return false;
          })) || changed;
      }
      return changed;
    },
    isIncomplete: () => incomplete,
    install: (components) => inTurn(() => installNow(components)),
    adopt: (components, { rollback }) =>
      inTurn(async () => {
        const prepared = await prepareAll(components, { own: true, rollback }).catch((error: unknown) => {
          refusedEvent(error);
          throw error;
        });
        if (prepared.length > 0) {
          switchTo(prepared.map((one) => one.installed), rollback ? 'rolled-back' : 'installed');
        }
      }),
    inUse(kind) {
      const installed = slots[kind as keyof Slots];
      return installed === undefined ? undefined : { generation: installed.head.generation, digest: installed.digest };
    },
    actions: () => slots['action-table']?.value.actions,
    age() {
      const now = rooms.clock.now();
      const heads = Object.values(slots).map((installed) => installed.head);
      const fresh = heads.filter((head) => rooms.rules.patternState(head, now) === 'fresh');
      return {
        oldestMs: Math.max(0, ...heads.map((head) => now - head.createdAt)),
        stale: fresh.length < heads.length,
        nextStaleInMs: Math.min(Number.POSITIVE_INFINITY, ...fresh.map((head) => Math.min(head.createdAt + 2 * head.periodMs, head.expiresAt) - now)),
      };
    },
  };

  async function prepareAll(components: readonly Uint8Array[], how: { readonly own: boolean; readonly rollback?: boolean }): Promise<Prepared<Component>[]> {
    const all: Prepared<Component>[] = [];
    for (const bytes of components) {
      const installed = await installer().prepare(bytes, { ...how, current: (kind) => slots[kind as keyof Slots] });
      all.push(...(installed === undefined ? [] : [{ bytes, installed }]));
    }
    return all;
  }

  async function installNow(components: readonly Uint8Array[]): Promise<Generations> {
    try {
      const prepared = await prepareAll(components, { own: false });
      if (prepared.length > 0) {
        await installer().keep(prepared);
        switchTo(prepared.map((one) => one.installed), 'installed');
      }
      return generationsOf(slots);
    } catch (error) {
      refusedEvent(error);
      throw VedetteError.is(error) ? error : new VedetteError('pattern-refused', describeError(error), { cause: error });
    }
  }
}

function isOlder(error: unknown): boolean {
  return (
    VedetteError.is(error) &&
    typeof error.detail === 'object' &&
    error.detail !== null &&
    'cause' in error.detail &&
    error.detail.cause === 'older'
  );
}

function wantsOf(filter: Filter | undefined): Wants {
  return filter?.wants ?? {};
}

function generationsOf(slots: Slots): Generations {
  const agent = slots['agent-pattern']?.head.generation;
  const filter = slots.filter?.head.generation;
  const lists = slots.lists?.head.generation;
  const actions = slots['action-table']?.head.generation;
  return {
    ...(agent === undefined ? {} : { agent }),
    ...(filter === undefined ? {} : { filter }),
    ...(lists === undefined ? {} : { lists }),
    ...(actions === undefined ? {} : { actions }),
  };
}
