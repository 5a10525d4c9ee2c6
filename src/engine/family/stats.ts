/** Counters of an engine: plain numbers that only grow, by name. */

/** Counts. */
export interface Stats {
  add(name: string, by?: number): void;
  snapshot(): Readonly<Record<string, number>>;
}

const started = [
  'checks', 'malicious', 'suspicious', 'clean', 'unknown', 'bytes', 'questions', 'cacheHits', 'listHits', 'scanFinds',
  'filterCleared', 'pendingQueued', 'pendingRefused', 'pendingSettled', 'remedies',
] as const;

/** Counters that all start at 0, so that a dashboard sees them from the first scrape on. */
export function createStats(): Stats {
  const counters = new Map<string, number>(started.map((name) => [name, 0]));
  return {
    add(name, by = 1) {
      counters.set(name, (counters.get(name) ?? 0) + by);
    },
    snapshot: () => Object.fromEntries(counters),
  };
}
