/**
 * A desktop agent that has to work offline: access is allowed for the time being, flagged files are checked again when
 * a server is back, and finds are put into quarantine then.
 */
import { join } from 'node:path';
import { createNodeEngine, fileSubject, walk } from 'vedette/node';
import type { CheckResult, Engine } from 'vedette';

/** What the agent shows its user. */
export interface AgentWindow {
  notify(text: string): void;
  progress(files: number): void;
}

/** The engine of the agent. Everything durable lies under one folder. */
export function startAgent(home: string, servers: readonly { address: string; trust: string }[], window: AgentWindow): Engine {
  const engine = createNodeEngine({
    servers: servers.map(({ address, trust }) => ({ address, scope: 'global', trust: [trust] })),
    policy: { base: 'endpoint', pendingFull: 'block' },
    dataDir: join(home, 'data'),
    quarantineDir: join(home, 'quarantine'),
  });
  engine.on('pattern', ({ change, generations }) => {
    if (change === 'stale') {
      window.notify(`The pattern of generation ${generations.agent ?? 0} is getting old: connect to update it.`);
    }
  });
  engine.on('fault', ({ where }) => window.notify(`Something went wrong in ${where}; files are still being checked.`));
  return engine;
}

/** On access: called by the file system hook, which has to let go again soon. */
export async function onOpen(engine: Engine, path: string): Promise<'allow' | 'deny'> {
  const { decision } = await engine.check(fileSubject(path), { deadlineMs: 2_000 });
  return decision.access === 'block' ? 'deny' : 'allow';
}

/** On demand: the whole home folder, as fast as the machine allows. */
export async function fullScan(engine: Engine, folder: string, window: AgentWindow, signal: AbortSignal): Promise<CheckResult[]> {
  const finds: CheckResult[] = [];
  let files = 0;
  for await (const result of engine.checkAll(walk(folder), { signal, concurrency: 8 })) {
    window.progress(++files);
    if (result.verdict.disposition === 'malicious') {
      finds.push(result);
    }
  }
  return finds;
}

/** "Check now": everything that could not be verified so far, due or not. */
export async function checkFlagged(engine: Engine, window: AgentWindow): Promise<void> {
  for await (const result of engine.pending.drain()) {
    window.notify(`${result.subject.label ?? 'a file'}: ${result.verdict.disposition}`);
  }
}
