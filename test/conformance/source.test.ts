import { describe, it } from 'vitest';
import { createSystemClock } from '../../src/preset/system-seams.js';
import { createPortableCrypto } from '../../src/preset/portable-crypto.js';
import type { HashEntry } from '../../src/pattern/hash-entry.js';
import type { ReputationSource } from '../../src/query/reputation-source.js';
import { createWireSource } from '../../src/query/wire/wire-source.js';
import { createInProcessServer, createScriptedSource, createTestSigner, describeReputationSource } from '../../src/testing.js';
import type { Signer } from '../../src/base/seams.js';

describeReputationSource({ describe, it }, {
  name: 'scripted prefix source',
  create: ({ entries }) => createScriptedSource({ entries }),
  unreachable: () => Object.assign(createScriptedSource(), { mode: { kind: 'down' } }),
});
describeReputationSource({ describe, it }, { name: 'scripted full-hash source', create: ({ entries }) => createScriptedSource({ entries, asks: 'full-hash', maxBatch: 5 }) });
describeReputationSource({ describe, it }, { name: 'wire source, unsigned in the process', create: ({ entries }) => wireSource(entries), unreachable: () => wireSource([], { up: false }) });
describeReputationSource({ describe, it }, { name: 'wire source, signed', create: async ({ entries }) => wireSource(entries, { signer: await createTestSigner() }) });

function wireSource(entries: readonly HashEntry[], options: { readonly up?: boolean; readonly signer?: Signer } = {}): ReputationSource {
  const { signer } = options;
  const far = createInProcessServer(entries, signer === undefined ? {} : { signer });
  far.up = options.up ?? true;
  return createWireSource({
    transport: far.transport,
    server: { id: 'in-process', ...far.config },
    trust: signer === undefined ? [] : [signer.publicKey],
    crypto: createPortableCrypto(),
    clock: createSystemClock(),
  });
}
