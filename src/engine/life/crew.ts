/**
 * Work that goes on side by side: so many at a time, but whoever takes too long stands aside and lets others take its
 * place. One entry whose opener hangs costs the others nothing (DESIGN rule 3: poison does not delay the rest).
 */
import type { Clock } from '../../base/seams.js';

/** What a crew is made with. */
export interface CrewOptions {
  readonly clock: Clock;
  /** At a time, those that stand aside not counted. */
  readonly width: number;
  /** After this time a piece of work stands aside. */
  readonly slowMs: number;
  /** This many may stand aside; what is slow beyond them keeps its place. */
  readonly maxAside: number;
}

/** A crew at work. */
export interface Crew<T> {
  hasRoom(): boolean;
  /** Something is going on, apart from what stands aside. */
  isBusy(): boolean;
  /** Begins a piece of work, which must not reject. */
  begin(work: Promise<T>): void;
  /** What has ended and was not taken yet. */
  take(): T | undefined;
  /** All that is still going on. */
  ongoing(): readonly Promise<T>[];
  /** Something has happened that whoever waits should look at. */
  ring(): void;
  /** Resolves when something has happened since the last call. */
  rung(): Promise<void>;
}

/** An idle crew. */
export function createCrew<T>(options: CrewOptions): Crew<T> {
  const { clock, width, slowMs, maxAside } = options;
  const going = new Set<Promise<T>>();
  const aside = new Set<Promise<T>>();
  const ended: T[] = [];
  let happened = false;
  let wake: (() => void) | undefined;

  function ring(): void {
    happened = true;
    wake?.();
  }

  function standAside(work: Promise<T>): void {
    if (going.has(work) && aside.size < maxAside) {
      aside.add(work);
      ring();
    }
  }

  return {
    hasRoom: () => going.size - aside.size < width,
    isBusy: () => going.size > aside.size || ended.length > 0,
    begin(work) {
      going.add(work);
      const over = new AbortController();
      clock.sleep(slowMs, over.signal, { background: true }).then(() => standAside(work), () => undefined);
      void work.then((value) => {
        over.abort();
        going.delete(work);
        aside.delete(work);
        ended.push(value);
        ring();
      });
    },
    take: () => ended.shift(),
    ongoing: () => [...going],
    ring,
    async rung() {
      if (!happened) {
        await new Promise<void>((resolve) => {
          wake = resolve;
        });
        wake = undefined;
      }
      happened = false;
    },
  };
}
