/**
 * A browser extension (Manifest V3): its service worker lives for seconds, has no timers to rely on, no `eval`, and
 * keeps state in IndexedDB. The tab is judged at once from the local pattern, and again when a server has answered.
 */
import { createEngine, urlSubject } from 'vedette';
import type { Engine, StateStore } from 'vedette';

/** The part of the extension platform that is used here. */
export interface ExtensionPlatform {
  onNavigate(listener: (tab: number, url: string) => void): void;
  onAlarm(listener: () => void): void;
  setAlarm(at: number): void;
  showWarning(tab: number, url: string, threats: readonly string[]): void;
  readonly state: StateStore;
  loadPatterns(): Promise<readonly Uint8Array[]>;
}

/** Wires the worker up. Nothing is opened before the first navigation; listeners are registered synchronously. */
export function startWorker(platform: ExtensionPlatform, servers: readonly { address: string; trust: string }[]): Engine {
  const engine = createEngine({
    servers: servers.map(({ address, trust }) => ({ address, scope: 'global', trust: [trust] })),
    level: 'medium',
    background: 'manual',
    query: { holdMs: 4_000 },
    parts: { state: platform.state, pattern: () => platform.loadPatterns() },
  });
  platform.onNavigate((tab, url) => void judge(engine, platform, { tab, url }));
  platform.onAlarm(() => void keepUp(engine, platform));
  return engine;
}

async function judge(engine: Engine, platform: ExtensionPlatform, page: { tab: number; url: string }): Promise<void> {
  const known = engine.checkLocal(page.url);
  if (known.disposition === 'malicious') {
    warn(platform, page, known.threats);
    return;
  }
  const { decision, verdict } = await engine.check(urlSubject(page.url, { tag: { tab: page.tab } }), { pending: false });
  if (decision.access !== 'allow') {
    warn(platform, page, verdict.threats);
  }
}

function warn(platform: ExtensionPlatform, page: { tab: number; url: string }, threats: readonly { readonly name: string }[]): void {
  platform.showWarning(page.tab, page.url, threats.map((threat) => threat.name));
}

/** All background work that is due, and an alarm for the next. */
async function keepUp(engine: Engine, platform: ExtensionPlatform): Promise<void> {
  const { nextAt } = await engine.maintain({ deadlineMs: 20_000 });
  platform.setAlarm(nextAt);
}
