/** Counters of an engine: plain numbers that only grow, by name. */

/** Counts. */
export interface Stats {
  add(name: string, by?: number): void;
  snapshot(): Readonly<Record<string, number>>;
}

const started = [
  'checks', 'malicious', 'suspicious', 'clean', 'unknown', 'bytes', 'questions', 'cacheHits', 'listHits', 'scanFinds', 'scanCacheHits',
  'filterCleared', 'pendingQueued', 'pendingRefused', 'pendingSettled', 'remedies',
  'retroJudged', 'retroFinds',
] as const;

/** Counters that all start at 0, so that a dashboard sees them from the first scrape on. */
export function createStats(): Stats {
  const counters = new Map(started.map((name): [string, { count: number }] => [name, { count: 0 }]));
  return {
    add(name, by = 1) {
      const counter = counters.get(name);
      if (counter === undefined) {
        counters.set(name, { count: by });
      } else {
        counter.count += by;
      }
    },
    snapshot: () => Object.fromEntries(Array.from(counters, ([name, { count }]) => [name, count])),
  };
}
