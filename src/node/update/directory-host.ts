/**
 * A data directory as a host of updates, without an engine or a server in this process: components are verified and loaded
 * as an engine would, and kept; those that run on the directory follow by themselves.
 */
import { join } from 'node:path';
import { describeError } from '../../base/errors.js';
import type { Clock } from '../../base/seams.js';
import { createExtractor } from '../../fingerprint/create-extractor.js';
import { createPortableHash } from '../../fingerprint/digests.js';
import type { ComponentKind } from '../../pattern/container-format.js';
import type { Container } from '../../pattern/container.js';
import { decodeServerPattern } from '../../pattern/server-pattern.js';
import { compileLinearRegex } from '../../preset/linear-regex.js';
import { loadComponent } from '../../preset/load-component.js';
import { createInstaller, type Prepared } from '../../update/install.js';
import { readDelta } from '../../update/delta/read-delta.js';
import { registrableDomain } from '../../url.js';
import { createFileStateStore } from '../files/file-state-store.js';
import { createNodeCrypto } from '../node-crypto.js';
import { createGenerationState } from './generation-state.js';
import type { GenerationStore } from './generation-store.js';

/** Options of `createDirectoryHost`. */
export interface DirectoryHostOptions {
  readonly dataDir: string;
  readonly store: GenerationStore;
  readonly clock: Clock;
  /** Raw public keys; without one nothing is installed. */
  readonly trust: readonly Uint8Array[];
  /** Told why the server store could not take changes one by one; the whole file is then imported. */
  onFault?(error: unknown): void;
}

/** What takes components into a directory. */
export interface DirectoryHost {
  /** All in one switch, or none. @throws VedetteError `pattern-refused`. */
  install(containers: readonly Uint8Array[], deltas?: ReadonlyMap<ComponentKind, readonly Uint8Array[]>): Promise<void>;
  /** Brings the store that servers answer from to the generation that is kept: after an install, a rollback, or a kill between the two. */
  serve(deltas?: readonly Uint8Array[]): Promise<void>;
  /** The store that servers answer from has the generation that is kept, or none is kept. */
  isServed(): Promise<boolean>;
}

/** A host over a data directory. Opens nothing until it is used. */
export function createDirectoryHost(options: DirectoryHostOptions): DirectoryHost {
  const { clock, trust, store, dataDir } = options;
  const crypto = createNodeCrypto();
  const state = createGenerationState(store, createFileStateStore({ dir: join(dataDir, 'state') }));
  const installer = createInstaller<unknown>({ crypto, clock, state, trust, load: (container) => selfCheck(container, clock) });

  const dir = join(dataDir, 'server');

  async function servedGeneration(): Promise<number | undefined> {
    const { readCurrent } = await import('../server-store/generation-files.js');
    return (await readCurrent(dir).catch(() => undefined))?.generation;
  }

  async function isServed(): Promise<boolean> {
    const current = (await store.generations()).components['server-pattern']?.current;
    return current === undefined || current.generation === (await servedGeneration());
  }

  async function serve(deltas: readonly Uint8Array[] = []): Promise<void> {
    const file = await store.file('server-pattern');
    if (file === undefined || (await isServed())) {
      return;
    }
    if ((await servedGeneration()) !== undefined && (await applied(deltas))) {
      return;
    }
    const { importServerPattern } = await import('../server-store/import-server-pattern.js');
    await importServerPattern({ file, dir, crypto, trust, rollback: true });
  }

  async function applied(deltas: readonly Uint8Array[]): Promise<boolean> {
    if (deltas.length === 0) {
      return false;
    }
    try {
      const { applyServerDelta } = await import('../server-store/apply-server-delta.js');
      for (const delta of deltas) {
        await applyServerDelta({ dir, changes: readDelta(delta, { crypto }) });
      }
      return true;
    } catch (error) {
      options.onFault?.(new Error(`the server store takes the whole file: ${describeError(error)}`, { cause: error }));
      return false;
    }
  }

  return {
    serve,
    isServed,
    async install(containers, deltas) {
      const prepared: Prepared<unknown>[] = [];
      for (const bytes of containers) {
        const installed = await installer.prepare(bytes, { own: false, current: () => undefined });
        prepared.push(...(installed === undefined ? [] : [{ bytes, installed }]));
      }
      await installer.keep(prepared);
      await serve(deltas?.get('server-pattern'));
    },
  };
}

/** Loads a component as whoever uses it would. @throws VedetteError `pattern-refused`. */
async function selfCheck(container: Container, clock: Clock): Promise<unknown> {
  switch (container.kind) {
    case 'server-pattern':
      return decodeServerPattern(container);
    case 'agent-pattern':
    case 'filter':
    case 'lists':
    case 'action-table':
      return loadComponent(container, {
        clock,
        compileRegex: compileLinearRegex,
        matcher: undefined,
        kernel: undefined,
        createHash: createPortableHash,
        extractorFor: (hostRule) => createExtractor({ hostRule, registrableDomain }),
      });
  }
}
