/** What an engine tells whoever listens. Events may be lost; results that matter go through the `ActionHandler`. */
import { createNanoEvents } from 'nanoevents';
import type { Decision, Generations, Reason, Verdict } from '../base/verdict.js';

/** One event. */
export type EngineEvent =
  | {
      readonly kind: 'checked';
      readonly id: string;
      readonly verdict: Verdict;
      readonly decision: Decision;
      readonly tookMs: number;
    }
  | { readonly kind: 'query'; readonly server: string; readonly outcome: string; readonly tookMs: number }
  | { readonly kind: 'server'; readonly server: string; readonly state: string }
  | {
      readonly kind: 'pattern';
      /** `stale`: a component is past two of its periods, or a newer server generation is known than the filter covers. */
      readonly change: 'installed' | 'refused' | 'rolled-back' | 'stale';
      readonly generations: Generations;
      readonly detail?: string;
    }
  /** `stays` and `dead`: a check of it failed for want of the object itself, for this reason (`unreadable`, say), or for another. */
  | { readonly kind: 'pending'; readonly change: string; readonly id?: string; readonly reason?: Reason }
  /** Something that was let through turned out to be malicious; `id` is that of the result. */
  | { readonly kind: 'retro'; readonly change: 'found'; readonly id: string; readonly verdict: Verdict; readonly decision: Decision }
  /** How far a hunt by new patterns is: entries judged of those there are. `waiting`: for a server. */
  | {
      readonly kind: 'retro';
      readonly change: 'hunting' | 'waiting' | 'hunted';
      readonly entries: number;
      readonly judged: number;
      readonly found: number;
    }
  /** The host is taken to be at another place, by what told so; servers, levels and policy are those of the new one. */
  | { readonly kind: 'location'; readonly location: string; readonly by: string }
  | { readonly kind: 'fault'; readonly where: string; readonly error: unknown };

/** Sends events to listeners, each of them guarded. */
export interface EventHub {
  emit(event: EngineEvent): void;
  /** False: nobody would hear it, so nobody need make it. */
  isHeard(kind: EngineEvent['kind']): boolean;
  on<K extends EngineEvent['kind']>(
    kind: K,
    listener: (event: Extract<EngineEvent, { readonly kind: K }>) => void,
  ): () => void;
}

/** A hub. `tap` is the host's own `parts.events`, called for every event. */
export function createEventHub(tap: ((event: EngineEvent) => void) | undefined): EventHub {
  const emitter = createNanoEvents<Record<EngineEvent['kind'], (event: EngineEvent) => void>>();

  function guarded(listener: (event: EngineEvent) => void, where: string): (event: EngineEvent) => void {
    return (event) => {
      try {
        listener(event);
      } catch (error) {
        // A fault listener that throws must not raise faults for ever.
        if (event.kind !== 'fault') {
          emit({ kind: 'fault', where, error });
        }
      }
    };
  }

  const tapped = tap === undefined ? undefined : guarded(tap, 'parts.events');

  function emit(event: EngineEvent): void {
    tapped?.(event);
    emitter.emit(event.kind, event);
  }

  return {
    emit,
    isHeard: (kind) => tapped !== undefined || (emitter.events[kind]?.length ?? 0) > 0,
    on: (kind, listener) =>
      emitter.on(kind, guarded(listener as (event: EngineEvent) => void, `listener of ${kind}`)),
  };
}
