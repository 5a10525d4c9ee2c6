/** Levels of web reputation: up to which score a URL is blocked, by location. Pure data and look-ups (DESIGN §5). */
import { classOfScore, highestScore, webClasses, type WebClass } from '../base/web-reputation.js';
import type { WebLevel, WebLevels } from './policy.js';

/** External is the stricter by default: there nothing else stands between the machine and the web. */
const defaultLevels = { internal: 'low', external: 'medium' } as const satisfies Record<string, WebLevel>;

/** The mildest class that a level blocks. */
const blockedFrom: Readonly<Record<WebLevel, WebClass>> = { low: 'dangerous', medium: 'highly-suspicious', high: 'suspicious' };

/** The level in a location. What is not known to be inside is outside. */
export function levelIn(location: string, levels: WebLevels = {}): WebLevel {
  if (typeof levels === 'string') {
    return levels;
  }
  const where = location === 'internal' ? 'internal' : 'external';
  return levels[where] ?? defaultLevels[where];
}

/** Whether a level blocks a URL of this score. */
export function isBlockedScore(score: number, level: WebLevel): boolean {
  return webClasses.indexOf(classOfScore(score)) >= webClasses.indexOf(blockedFrom[level]);
}

/** Whether the score is that of a URL that no level lets through unblocked. */
export function isDangerousScore(score: number | undefined): boolean {
  return score !== undefined && score <= highestScore.dangerous;
}
