/** Entry of the process of one in-process engine of the scan contest. */
import { readFileSync } from 'node:fs';
import type { AnyScan, ChildAnswer, ChildRequest } from './contest/in-process.js';
import { startEngine } from './contest/engines/index.js';
import { Unavailable } from './definition.js';
import { loadLiterals } from './haystacks/corpus/corpus-store.js';
import { signatureSet } from './inputs/signature-set.js';

let engine: AnyScan | undefined;

process.on('message', (request) => {
  void answerTo(request as ChildRequest).then((answer) => process.send?.(answer));
});

async function answerTo(request: ChildRequest): Promise<ChildAnswer> {
  try {
    if (request.kind === 'load') {
      return await load(request);
    }
    if (engine === undefined) {
      return { kind: 'failed', reason: 'no engine is loaded' };
    }
    return { kind: 'scanned', ...(await engine.passes(request.file, request.minMs)) };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { kind: error instanceof Unavailable ? 'unavailable' : 'failed', reason };
  }
}

async function load({ engine: name, choice, folder, rules, hostFile }: Extract<ChildRequest, { kind: 'load' }>): Promise<ChildAnswer> {
  const signatures = signatureSet(loadLiterals(folder), choice);
  const text = rules === undefined ? '' : readFileSync(rules, 'utf8');
  const before = performance.now();
  engine = await startEngine(name, { signatures, rules: () => text, hostFile }, (file) => readFileSync(file));
  return { kind: 'loaded', setUpMs: engine.setUpMs ?? performance.now() - before };
}
