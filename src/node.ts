/**
 * Entry `./node`: the engine for Node with durable stores, files that can be opened again, tree walking and remedies.
 *
 * @packageDocumentation
 */
export { createNodeEngine } from './node/preset.js';
export { parseNodeConfig, readConfig, type NodeConfig } from './node/node-config.js';
export { fileOpener, fileSubject } from './node/file-subject.js';
export { walk, type WalkOptions } from './node/walk.js';
export { createFileStateStore } from './node/file-state-store.js';
export { createFileActions } from './node/file-actions.js';
export { openJournalQueue } from './node/journal/open-journal-queue.js';
export { createNodeCrypto } from './node/node-crypto.js';
export { generateKeyPair, publicKeyFromPem, signerFromPem, type KeyPair } from './node/node-keys.js';
