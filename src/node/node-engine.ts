/**
 * The Node preset without the Public Suffix List: the portable engine with node:crypto, files that can be opened again,
 * and durable stores. `preset.ts` adds the list, which takes longer to load than all the rest; a command that judges
 * files only does without.
 */
import { createHash, hash } from 'node:crypto';
import { join } from 'node:path';
import { fromLatin1 } from '../base/bytes.js';
import { withDefaults } from '../base/defaults.js';
import type { Engine } from '../engine/checker.js';
import { boundsOf } from '../engine/log-config.js';
import type { EngineConfig } from '../engine/options.js';
import type { CreateHash, HashWhole } from '../fingerprint/digests.js';
import { compileLinearRegex } from '../preset/linear-regex.js';
import { createSystemClock, systemRandom } from '../preset/system-seams.js';
import type { GivenParts, Parts } from '../preset/parts.js';
import { createEngineWith } from '../preset/portable.js';
import type { Kernel } from '../scan/kernel/kernel.js';
import { loadKernelSync } from '../scan/kernel/load-kernel.js';
import { openJournalAudit } from './audit/open-journal-audit.js';
import { bootClock, uptimeClock } from './caches/boot-clock.js';
import { createDeferredCaches, type DeferredCaches } from './caches/deferred-caches.js';
import { openCaches } from './caches/open-caches.js';
import { createFileActions } from './file-actions.js';
import { createFileLists } from './files/file-lists.js';
import { createFileStateStore } from './files/file-state-store.js';
import { fileOpener } from './files/file-subject.js';
import { meetGateway } from './location/meet-gateway.js';
import { createNetworkMark } from './location/network-mark.js';
import { createReadGateways } from './location/read-gateways.js';
import { openJournalQueue } from './journal/open-journal-queue.js';
import { openJournalRetro } from './retro/open-journal-retro.js';
import { createNodeCrypto } from './node-crypto.js';
import { parseNodeConfig, type NodeConfig } from './node-config.js';
import { createNodeTransport } from './undici/node-transport.js';
import { createGenerationState } from './update/generation-state.js';
import { openGenerationStore } from './update/generation-store.js';
import { createEngineUpkeep } from './update/open-upkeep.js';

const nodeHash: CreateHash = (algorithm) => {
  const hash = createHash(algorithm);
  return {
    update: (chunk) => {
      hash.update(chunk);
    },
    digest: () => new Uint8Array(hash.digest()),
  };
};

/** In one call and as a text: 1.4 µs of a small file, where a hash object takes 2.6. */
const hashWhole: HashWhole = (algorithm, content) => fromLatin1(hash(algorithm, content, 'binary'));

/** In one call and as a text: 0.4 µs of an expression, where a hash object takes 1.5 and the portable library 2. */
function sha256Text(text: string): Uint8Array {
  return fromLatin1(hash('sha256', text, 'binary'));
}

/** Parts among which is what tells registrable domains. */
export type NodeParts = GivenParts & Pick<Parts, 'registrableDomain'>;

/**
 * `createNodeEngine` of `preset.ts`, which says the rest.
 * @throws VedetteError `config-invalid` with every fault of the configuration.
 */
export function createNodeEngineWith(config: NodeConfig, parts: NodeParts): Engine {
  const { dataDir, quarantineDir, caches: wantsCaches = true, update, ...portable } = parseNodeConfig(config);
  const clock = parts.clock ?? createSystemClock();
  const generations = dataDir === undefined ? undefined : openGenerationStore({ dir: join(dataDir, 'patterns'), clock, onDamage: (error) => report(error) });
  let report: (error: unknown) => void = () => undefined;
  const caches = dataDir === undefined || !wantsCaches ? undefined : durableCaches(dataDir, clock, (error) => report(error));
  const transport = createNodeTransport({ clock });
  const own: GivenParts = {
    clock,
    transport,
    crypto: createNodeCrypto(),
    compileRegex: compileLinearRegex,
    openers: { file: fileOpener },
    ...(dataDir === undefined ? {} : durableParts(dataDir, { clock, config: portable })),
    ...(dataDir === undefined || generations === undefined
      ? {}
      : { state: createGenerationState(generations, createFileStateStore({ dir: join(dataDir, 'state') })) }),
    ...(dataDir === undefined ? {} : { lists: createFileLists({ dir: join(dataDir, 'state'), clock, compileRegex: parts.compileRegex ?? compileLinearRegex }) }),
    ...(caches === undefined ? {} : { cache: caches.verdicts, scanCache: caches.scans }),
    ...(quarantineDir === undefined ? {} : { actions: createFileActions({ quarantineDir }) }),
  };
  return createEngineWith(portable, withDefaults(own, parts), {
    createHash: nodeHash,
    hashWhole,
    sha256Text,
    kernel: onceKernel(),
    // A host's own state is the host's: what it keeps there nobody else puts in place.
    upkeep:
      generations === undefined || parts.state !== undefined
        ? undefined
        : createEngineUpkeep({ store: generations, update, clock, random: parts.random ?? systemRandom }),
    readGateways: createReadGateways({ meet: meetGateway }),
    networkMark: createNetworkMark(),
    close: async () => {
      await caches?.close();
      await transport.close();
    },
    reportTo: (fault) => {
      report = (error) => fault('caches', error);
    },
  });
}

/** Compiled when the first agent pattern is loaded, and then kept for the generations after it. */
function onceKernel(): () => Kernel {
  let kernel: Kernel | undefined;
  return () => (kernel ??= loadKernelSync());
}

/** What can be rebuilt, opened with the first file or question. */
function durableCaches(dataDir: string, clock: Parts['clock'], onFault: (error: unknown) => void): DeferredCaches {
  const steady = bootClock();
  return createDeferredCaches({ open: () => openCaches({ dir: join(dataDir, 'cache'), clock, steady, onFault }), steady, onFault });
}

/** What survives the process. The journal is opened when it is first needed, and closed by the engine. */
function durableParts(
  dataDir: string,
  { clock, config }: { readonly clock: Parts['clock']; readonly config: EngineConfig },
): Pick<Parts, 'queue' | 'retro' | 'audit'> {
  const steady = uptimeClock();
  return {
    retro: ({ onFault }) =>
      openJournalRetro({ ...boundsOf(config.retro), dir: join(dataDir, 'retro'), clock, steady, onDamage: (damage) => onFault('retro journal', damage) }),
    audit: ({ onFault }) =>
      openJournalAudit({
        ...boundsOf(config.audit),
        dir: join(dataDir, 'audit'),
        clock,
        steady,
        onDamage: (damage) => onFault('audit journal', damage),
        onFault: (error) => onFault('audit rotation', error),
      }),
    queue: ({ maxEntries, maxBytes, onFault }) =>
      openJournalQueue({ dir: join(dataDir, 'pending'), clock, maxEntries, maxBytes, onDamage: (damage) => onFault('pending journal', damage) }),
  };
}
