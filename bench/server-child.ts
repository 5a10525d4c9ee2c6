/** Entry of the processes of `npm run bench -- server`: a delta into a store, or look-ups in the store alone. */
import { readFileSync } from 'node:fs';
import { createNodeCrypto } from '../src/node/node-crypto.js';
import { lowerOwnPriority, lowestPriority } from '../src/node/own-priority.js';
import { applyServerDelta } from '../src/node/server-store/apply-server-delta.js';
import { AnswerMemory } from '../src/server/encoded/answer-memory.js';
import { StatementList } from '../src/server/encoded/statement-list.js';
import type { TableStore } from '../src/server/store/table-store.js';
import { readDelta } from '../src/update/delta/read-delta.js';
import { openTableStore } from './engines/stores.js';
import { batchSize } from './inputs/server-input.js';
import { createBatchReader, sortedBatches } from './inputs/store-input.js';
import type { ServerAnswer, ServerRequest } from './server/child.js';

process.once('message', (request) => {
  void answerTo(request as ServerRequest).then((answer) => process.send?.(answer));
});

async function answerTo(request: ServerRequest): Promise<ServerAnswer> {
  try {
    return request.kind === 'delta' ? await applyDelta(request) : await lookUp(request);
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** As an updater beside a server: at the lowest priority. */
async function applyDelta({ dir, delta }: Extract<ServerRequest, { kind: 'delta' }>): Promise<ServerAnswer> {
  lowerOwnPriority(lowestPriority);
  const started = performance.now();
  await applyServerDelta({ dir, changes: readDelta(readFileSync(delta), { crypto: createNodeCrypto() }) });
  return { kind: 'applied', ms: performance.now() - started, peakBytes: 1024 * process.resourceUsage().maxRSS };
}

/** Statements written a second of CPU time, in sorted batches; pages are in memory and were compared before. */
async function lookUp({ dir, records, listedShare, batches }: Extract<ServerRequest, { kind: 'lookups' }>): Promise<ServerAnswer> {
  const { store, close } = await openTableStore(dir);
  const sorted = sortedBatches(records, { listedShare, per: batchSize, prefixes: 1_000_000 });
  const reader = createBatchReader(sorted);
  const memory = new AnswerMemory();
  const pass = (count: number): number => {
    let found = 0;
    for (let i = 0; i < count; i++) {
      found += writeBatch(store, memory, reader(i % sorted.listed.length));
    }
    return found;
  };
  if (pass(sorted.listed.length) !== sorted.listed.reduce((sum, one) => sum + one, 0)) {
    throw new Error('the store does not find what is listed');
  }
  const started = process.cpuUsage();
  const found = pass(batches);
  const { user, system } = process.cpuUsage(started);
  await close();
  return { kind: 'looked-up', perSecond: (batches * batchSize * 1e6) / (user + system), foundShare: found / (batches * batchSize) };
}

function writeBatch(store: TableStore, memory: AnswerMemory, prefixes: readonly Uint8Array[]): number {
  const list = new StatementList({ maxBytes: 4_000_000, expectedBytes: prefixes.length * 128, memory });
  list.begin({ kind: 'file', algorithm: 'sha256', generation: 1, issuedAt: 1, expiresAt: 2, ttlMs: 1, keyId: new Uint8Array(8) });
  const { hits } = store.writeStatements({ kind: 'file', algorithm: 'sha256', prefixes }, list);
  memory.giveBack(list.finish());
  return hits;
}
