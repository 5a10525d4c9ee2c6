/** Entry of the processes of `npm run bench -- server`: a delta into a store, or look-ups in the store alone. */
import { readFileSync } from 'node:fs';
import { setPriority } from 'node:os';
import { hashPrefix } from '../src/base/fingerprint.js';
import { createNodeCrypto } from '../src/node/node-crypto.js';
import { applyServerDelta } from '../src/node/server-store/apply-server-delta.js';
import { openServerStore } from '../src/node/server-store/open-server-store.js';
import { createSeededRandom } from '../src/testing/doubles/seeded-random.js';
import { readDelta } from '../src/update/delta/read-delta.js';
import { drawQuestions } from './inputs/server-input.js';
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
  setPriority(19);
  const started = performance.now();
  await applyServerDelta({ dir, changes: readDelta(readFileSync(delta), { crypto: createNodeCrypto() }) });
  return { kind: 'applied', ms: performance.now() - started, peakBytes: 1024 * process.resourceUsage().maxRSS };
}

/** Look-ups a second of CPU time, batch by batch; pages are in memory and were compared before. */
async function lookUp({ dir, records, listedShare, batches }: Extract<ServerRequest, { kind: 'lookups' }>): Promise<ServerAnswer> {
  const store = await openServerStore({ dir });
  const questions = drawQuestions(records, { listedShare, count: 10_000, seed: 41 });
  const listed = questions.reduce((sum, one) => sum + one.listed, 0);
  const pass = async (count: number): Promise<number> => {
    let found = 0;
    const random = createSeededRandom(5);
    for (let i = 0; i < count; i++) {
      const answers = await store.lookup('file', 'sha256', questions[Math.floor(random() * questions.length)]!.prefixes);
      found += answers.filter((one) => one.length > 0).length;
    }
    return found;
  };
  const once = (await Promise.all(questions.map(async ({ prefixes }) => store.lookup('file', 'sha256', prefixes)))).flat();
  if (once.filter((one) => one.length > 0).length !== listed || once.some((one) => one.some(({ hash }) => hashPrefix(hash).length !== 4))) {
    throw new Error('the store does not find what is listed');
  }
  await pass(2_000);
  const started = process.cpuUsage();
  const found = await pass(batches);
  const { user, system } = process.cpuUsage(started);
  await store.close();
  return { kind: 'looked-up', perSecond: (batches * 100 * 1e6) / (user + system), foundShare: found / (batches * 100) };
}
