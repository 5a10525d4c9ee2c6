/** The servers of one network: each a port, a key, and what it says about the files `bad N`. Counts questions. */
import { createHash } from 'node:crypto';
import { createInterface } from 'node:readline';
import type { HashEntry } from '../../../../src/pattern/hash-entry.js';
import { createNodeCrypto } from '../../../../src/node/node-crypto.js';
import { signerFromPem } from '../../../../src/node/node-keys.js';
import { createSystemClock } from '../../../../src/preset/system-seams.js';
import { createHandler } from '../../../../src/server/handler.js';
import { serve } from '../../../../src/server/node/serve.js';
import { storeOf } from '../../../support/server-fixtures.js';

export interface Listener {
  readonly port: number;
  readonly privateKeyPem: string;
  /** What it calls the bad files; without a name it lists nothing. */
  readonly threat?: string;
  readonly reference?: boolean;
  readonly tls?: { readonly cert: string; readonly key: string };
}

const sha256 = (text: string): Uint8Array => new Uint8Array(createHash('sha256').update(text).digest());

function entriesOf(name: string): HashEntry[] {
  const threat = { name, type: 'trojan' };
  return [
    ...Array.from({ length: 50 }, (_, n): HashEntry => ({ kind: 'file', algorithm: 'sha256', hash: sha256(`bad ${n}`), disposition: 'malicious', threat })),
    { kind: 'url', algorithm: 'sha256', hash: sha256('rated.example/'), disposition: 'clean', score: 60, threat: { name: 'Test.Rated', type: 'malicious-url' } },
  ];
}

const listeners = JSON.parse(process.argv[2] ?? '[]') as readonly Listener[];
const questions: Record<string, number> = {};
for (const { port, privateKeyPem, threat, reference, tls } of listeners) {
  const store = await storeOf(threat === undefined ? [] : entriesOf(threat));
  const handler = createHandler({ store, crypto: createNodeCrypto(), clock: createSystemClock(), signer: signerFromPem(privateKeyPem), reference });
  questions[port] = 0;
  const counted = (request: Request): Promise<Response> => {
    questions[port]! += new URL(request.url).pathname === '/v1/query' ? 1 : 0;
    return handler(request);
  };
  await serve({ handler: counted, host: '0.0.0.0', port, tls });
}
process.stdout.write('"ready"\n');
for await (const _ of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(questions)}\n`);
}
