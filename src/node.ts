/**
 * Entry `./node`: the engine for Node with durable stores, files that can be opened again, tree walking and remedies.
 *
 * @packageDocumentation
 */
export type { OpenHooks, OpenQueueHooks } from './engine/rooms.js';
export { createNodeEngine } from './node/preset.js';
export { parseNodeConfig, readConfig, type NodeConfig } from './node/node-config.js';
export { fileOpener, fileSubject, type FileReading, type SpecialKind } from './node/files/file-subject.js';
export type { DurableFile, DurableFiles } from './node/files/durable-files.js';
export type { FilePath } from './node/files/file-path.js';
export { walk, type SkipReason, type WalkOptions } from './node/walk/walk.js';
export { createFileStateStore, type FileStateStoreOptions } from './node/files/file-state-store.js';
export { createFileLists, type FileListsOptions } from './node/files/file-lists.js';
export { createFileActions, type FileActionsOptions } from './node/file-actions.js';
export { createVault, type VaultOptions } from './node/vault/create-vault.js';
export type { Vault } from './node/vault/vault.js';
export type { DamagedItem, VaultedFile, VaultItem } from './node/vault/item.js';
export type { PurgeLimits } from './node/vault/list.js';
export { openJournalQueue, type JournalDamage, type JournalFileOptions, type JournalOptions } from './node/journal/open-journal-queue.js';
export type { JournalQueue } from './node/journal/journal-queue.js';
export type { Losses } from './node/journal/read-journal.js';
export { openJournalAudit, type JournalAudit, type JournalAuditOptions } from './node/audit/open-journal-audit.js';
export { readJournalAudit, type ReadAuditOptions } from './node/audit/read-journal-audit.js';
export { openJournalRetro, type JournalRetro, type JournalRetroOptions } from './node/retro/open-journal-retro.js';
export { openCaches, type Caches, type CachesOptions } from './node/caches/open-caches.js';
export { openStores, type Stores, type StoresOptions } from './node/open-stores.js';
export { createNodeCrypto } from './node/node-crypto.js';
export { generateKeyPair, publicKeyFromPem, signerFromPem, type KeyPair } from './node/node-keys.js';
export { createUndiciTransport, type UndiciTransportOptions } from './node/undici/create-undici-transport.js';
export { pinOf, type Pins } from './node/undici/pins.js';
export type { ProxySetting } from './node/undici/proxy-choice.js';
export { applyDelta } from './update/delta/apply-delta.js';
export { contentId } from './update/delta/component-file.js';
export type { DeltaChanges, DeltaHead, DeltaLimits, DeltaOptions, GroupChange, SectionChange } from './update/delta/delta.js';
export { makeDelta } from './update/delta/make-delta.js';
export { readDelta } from './update/delta/read-delta.js';
export { publish } from './node/publish/publish.js';
export type {
  CreateRepositoryOptions,
  PublishedComponent,
  PublishOptions,
  PublishReport,
  RepositoryLives,
  RepositoryRoles,
  RoleKeys,
} from './node/publish/publishing.js';
export {
  createRepository,
  installRoot,
  installTargets,
  prepareRoot,
  prepareTargets,
  signMetadata,
  type CeremonyOptions,
} from './node/publish/roles/root-ceremony.js';
export type { TopRole } from './node/publish/roles/tuf-json.js';
export { createRepositoryFiles, type RepositoryFiles } from './node/publish/repository-files.js';
export { ceremonyStatus, repositoryStatus, type CeremonyStatus, type RepositoryStatus, type RoleStatus, type SignatureStatus, type StatusOptions } from './node/publish/status.js';
export { createUpdater, type LookOptions, type UpdatedComponent, type Updater, type UpdateRefusal, type UpdateReport, type UpdaterOptions } from './node/update/updater.js';
export { openGenerationStore, type Downloads, type GenerationStore, type GenerationStoreOptions, type LastLook } from './node/update/generation-store.js';
export { createDirectoryHost, type DirectoryHost, type DirectoryHostOptions } from './node/update/directory-host.js';
export { keepServerUpdated, type ServerUpdateOptions, type ServerUpdates } from './node/update/keep-server.js';
export type { ApartOptions } from './node/update/apart/work-apart.js';
export { runUpdateProcess } from './node/update/apart/run-update-process.js';
export { createUpdateRelay, type UpdateRelayOptions } from './node/update/relay/create-update-relay.js';
export type { UpdateConfig } from './node/update/update-config.js';
export type { TransferLimits } from './node/update/fetch/download.js';
export type { ApplyDelta } from './node/update/fetch/fetch-component.js';
export type { Fetch } from './node/update/fetch/http-body.js';
export type { KeptMetadata } from './node/update/fetch/metadata-text.js';
export type { ComponentGenerations, GenerationsKept, KeptGeneration } from './update/generations.js';
export type { SourceScope, UpdateSource, Whereabouts } from './update/sources.js';
