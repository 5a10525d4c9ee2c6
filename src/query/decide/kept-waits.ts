/**
 * Step 4: waits of servers as they are kept between two processes. Pure. They are kept by the wall clock, the only one
 * that both processes share, and it may have been put right or wrong meanwhile: a wait is never longer than it was.
 */

/** One wait. */
export interface KeptWait {
  /** Id of the server. */
  readonly server: string;
  /** Epoch ms. */
  readonly untilAt: number;
  /** What was left of it when it was kept. */
  readonly waitMs: number;
}

/** Waits that are kept at most. */
export const maxKeptWaits = 200;
const maxIdChars = 4096;

/** The waits in a stored text; none in one that is damaged. */
export function parseWaits(text: string): readonly KeptWait[] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return [];
  }
  const waits = Array.isArray(value) ? value.slice(0, maxKeptWaits).map(parseWait) : [];
  return waits.filter((one) => one !== undefined);
}

/** What is left of a wait, ms. */
export function remainingMs({ untilAt, waitMs }: KeptWait, now: number): number {
  return Math.max(0, Math.min(untilAt - now, waitMs));
}

/** Both lists without what is over, the longer wait of each server, the newest kept first. */
export function mergeWaits(kept: readonly KeptWait[], news: readonly KeptWait[], now: number): readonly KeptWait[] {
  const byServer = new Map<string, KeptWait>();
  for (const wait of [...news, ...kept]) {
    const known = byServer.get(wait.server);
    if (remainingMs(wait, now) > 0 && (known === undefined || remainingMs(wait, now) > remainingMs(known, now))) {
      byServer.set(wait.server, wait);
    }
  }
  return [...byServer.values()].slice(0, maxKeptWaits);
}

function parseWait(value: unknown): KeptWait | undefined {
  if (!Array.isArray(value)) {
    return undefined;
  }
  const [server, untilAt, waitMs] = value as readonly unknown[];
  return typeof server === 'string' && server.length <= maxIdChars && isCount(untilAt) && isCount(waitMs) ? { server, untilAt, waitMs } : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0;
}
