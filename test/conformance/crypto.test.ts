import { describe, it } from 'vitest';
import { createNodeCrypto } from '../../src/node/node-crypto.js';
import { createPortableCrypto } from '../../src/preset/portable-crypto.js';
import { describeCrypto } from '../../src/testing.js';

describeCrypto({ describe, it }, { name: 'portable crypto', create: createPortableCrypto });
describeCrypto({ describe, it }, { name: 'node crypto', create: () => createNodeCrypto() });
