/** A repository with a web server before it, and a host that looks for updates: an engine that judges by what it has. */
import { join } from 'node:path';
import type { Clock, Signer } from '../../../src/base/seams.js';
import type { Engine } from '../../../src/engine/checker.js';
import { createNodeEngine } from '../../../src/node/preset.js';
import { generateKeyPair } from '../../../src/node/node-keys.js';
import { openGenerationStore, type GenerationStore } from '../../../src/node/update/generation-store.js';
import { createUpdater, type Updater, type UpdateReport, type UpdaterOptions } from '../../../src/node/update/updater.js';
import { createSystemClock } from '../../../src/preset/system-seams.js';
import { formatPublicKey } from '../../../src/protocol/keys.js';
import { bytesSubject } from '../../../src/base/subject.js';
import type { ComponentKind } from '../../../src/pattern/container-format.js';
import { agentPattern, filterPattern, literal, type BuildOptions } from '../feed.js';
import { Repository } from './repository.js';
import { startWebServer, type WebServer } from './web-server.js';

export const patternKey: Signer = generateKeyPair().signer;
/** Trusted for what a site makes itself, and for nothing else. */
export const siteKey: Signer = generateKeyPair().signer;
export const components: readonly ComponentKind[] = ['agent-pattern', 'filter'];
const hourMs = 3_600_000;

/** The agent pattern of a generation finds the marker of that generation, and those before it. */
export function marker(generation: number): string {
  return `marker-of-generation-${generation}-`;
}

export async function containersOf(generation: number, change: Partial<BuildOptions> = {}): Promise<Record<'agent-pattern' | 'filter', Uint8Array>> {
  const now = Date.now();
  const options: BuildOptions = { generation, createdAt: now - hourMs, expiresAt: now + 30 * 24 * hourMs, signer: patternKey, ...change };
  const signatures = Array.from({ length: generation }, (_, index) => literal(`Test.Generation${index + 1}`, marker(index + 1)));
  return { 'agent-pattern': await agentPattern({ signatures }, options), filter: await filterPattern({}, options) };
}

/** The real clock, as far ahead of itself as it is told. */
export interface MovedClock extends Clock {
  aheadMs: number;
}

export interface Scene {
  readonly repository: Repository;
  /** Of the host. */
  readonly clock: MovedClock;
  readonly web: WebServer;
  readonly store: GenerationStore;
  readonly engine: Engine;
  readonly updater: Updater;
  readonly look: () => Promise<UpdateReport>;
  /** The newest generation whose marker the engine finds. */
  readonly finds: () => Promise<number>;
  close(): Promise<void>;
}

/** A repository that has published generation 1, and an engine without patterns. */
export async function createScene(dir: string, change: Partial<UpdaterOptions> = {}): Promise<Scene> {
  const repository = new Repository(Date.now());
  await publishGeneration(repository, 1);
  const web = await startWebServer(repository.files);
  const clock = movedClock();
  const store = openGenerationStore({ dir: join(dir, 'patterns'), clock });
  const engine = createNodeEngine({ dataDir: dir, trust: [formatPublicKey(patternKey.publicKey)], siteTrust: [formatPublicKey(siteKey.publicKey)], background: 'manual', caches: false });
  await engine.ready();
  const updater = createUpdater({ store, root: repository.root, sources: [{ url: web.url, scope: 'customer' }], clock, ...change });
  return {
    repository, clock, web, store, engine, updater,
    look: () => updater.look({ components, install: (containers) => engine.install(containers) }),
    finds: () => foundBy(engine),
    async close() {
      await engine.close();
      await web.close();
    },
  };
}

function movedClock(): MovedClock {
  const real = createSystemClock();
  const clock: MovedClock = { ...real, aheadMs: 0, now: () => real.now() + clock.aheadMs };
  return clock;
}

/** Publishes a generation with a first root where there is none. */
export async function publishGeneration(repository: Repository, generation: number): Promise<void> {
  if (repository.versions['root'] === undefined) {
    repository.publishRoot();
  }
  for (const [component, bytes] of Object.entries(await containersOf(generation))) {
    repository.components.set(component, { generation, bytes });
  }
  repository.publish();
}

export async function foundBy(engine: Engine): Promise<number> {
  for (let generation = 9; generation > 0; generation--) {
    const { verdict } = await engine.check(bytesSubject(new TextEncoder().encode(`a ${marker(generation)} z`)), { layers: 'local' });
    if (verdict.disposition === 'malicious') {
      return generation;
    }
  }
  return 0;
}
