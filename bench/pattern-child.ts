/**
 * Entry of the process that loads one component as an engine does: opening proves its digests, decoding and preparing
 * make it ready. Kernel and code are there before, as in an engine that takes a new generation into use. Memory is
 * looked at when everything that is not kept was collected.
 */
import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { bytesSource } from '../src/base/subject.js';
import type { Component } from '../src/engine/rooms.js';
import type { FingerprintExtractor } from '../src/fingerprint/extractor.js';
import { createExtractor } from '../src/fingerprint/create-extractor.js';
import { createPortableHash } from '../src/fingerprint/digests.js';
import { createNodeCrypto } from '../src/node/node-crypto.js';
import type { Container } from '../src/pattern/container.js';
import { openContainer } from '../src/pattern/container.js';
import { loadAgentPattern } from '../src/preset/load-agent-pattern.js';
import { loadSmallComponent } from '../src/preset/load-component.js';
import { createSystemClock } from '../src/preset/system-seams.js';
import { loadKernelSync } from '../src/scan/kernel/load-kernel.js';
import type { LoadAnswer, LoadRequest } from './pattern/load-child.js';

/** Kept to the end: what is measured must not be collected. */
const kept: Component[] = [];
const kernel = loadKernelSync();

process.once('message', (request) => {
  void answerTo(request as LoadRequest).then((answer) => process.send?.(answer));
});

async function answerTo({ file, empty, instance }: LoadRequest): Promise<LoadAnswer> {
  try {
    load(empty);
    const loadMs = load(file);
    const rssBytes = await settledRss();
    if (instance !== undefined) {
      await assertFinds(Buffer.from(instance, 'hex'));
    }
    return { kind: 'loaded', loadMs, rssBytes };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? error.message : String(error) };
  }
}

/** Milliseconds from bytes to ready. What was loaded before is let go. */
function load(file: string): number {
  const bytes = new Uint8Array(readFileSync(file));
  const before = performance.now();
  const container = openContainer(bytes, { crypto: createNodeCrypto() });
  kept[0] = componentOf(container);
  return performance.now() - before;
}

function componentOf(container: Container): Component {
  if (container.kind === 'agent-pattern') {
    return { kind: 'agent-pattern', local: loadAgentPattern(container, { kernel, createHash: createPortableHash }) };
  }
  const extractorFor = (): FingerprintExtractor => createExtractor({ hostRule: 'labels5', createHash: createPortableHash });
  return loadSmallComponent(container, { clock: createSystemClock(), matcher: undefined, extractorFor });
}

async function settledRss(): Promise<number> {
  for (let i = 0; i < 5; i++) {
    globalThis.gc?.();
    await wait(50);
  }
  return process.memoryUsage.rss();
}

async function assertFinds(instance: Buffer): Promise<void> {
  const [component] = kept;
  if (component?.kind !== 'agent-pattern') {
    throw new Error('expected an agent pattern');
  }
  const session = component.local.matcher.open({ allMatches: true, size: instance.length });
  session.update(instance);
  const { findings } = await session.finish(bytesSource(instance), {});
  if (findings.length === 0) {
    throw new Error('the loaded pattern does not find an instance of its first signature');
  }
}
