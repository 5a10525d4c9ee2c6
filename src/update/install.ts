/**
 * Takes a component into use: verified, never older than what was installed before, loaded and checked before anything
 * is switched. Steps are numbered as in docs/patterns.md, "Installing".
 *
 * A component that the host brings itself ("own") needs no signature unless trusted keys are configured; whatever
 * comes over a network does.
 */
import { VedetteError } from '../base/errors.js';
import type { Clock, Crypto, StateStore } from '../base/seams.js';
import { fromUtf8, toHex, toUtf8 } from '../base/bytes.js';
import { openContainer, verifyContainer, type ComponentKind, type Container } from '../pattern/container.js';
import { componentsOf, siteComponents } from './subscription.js';

/** What is known of an installed component besides its content. */
export interface InstalledHead {
  readonly kind: ComponentKind;
  readonly generation: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
  /** Update period: a component is stale after two of them. */
  readonly periodMs: number;
  /** Key that it was verified with, if it had to be. */
  readonly keyId?: string;
}

/** A component in use. */
export interface Installed<T> {
  readonly head: InstalledHead;
  /** SHA-256 of the container, hex: the same bytes twice are no change. */
  readonly digest: string;
  readonly value: T;
}

/** Where a container comes from. */
export interface InstallOptions {
  /** The host's own: may be unsigned where no key is configured, and expired (finds stand, DESIGN §1 (e)). */
  readonly own: boolean;
  /** What is in use of the same kind. */
  readonly current: (kind: ComponentKind) => Installed<unknown> | undefined;
  /** An administrator went back to it: it may be older than what is in use. Own components only. */
  readonly rollback?: boolean | undefined;
}

/** A component that is ready to be switched to, with its bytes. */
export interface Prepared<T> {
  readonly bytes: Uint8Array;
  readonly installed: Installed<T>;
}

/** Installs components of type `T`. */
export interface Installer<T> {
  /**
   * Verifies and loads; the caller switches. Resolves to undefined when the same bytes are in use.
   * @throws VedetteError `pattern-refused` with `detail.cause`.
   */
  prepare(bytes: Uint8Array, options: InstallOptions): Promise<Installed<T> | undefined>;
  /** Makes components and their generations durable, in one step where the store can: after a restart nothing older is accepted. */
  keep(components: readonly Prepared<T>[]): Promise<void>;
  /** The bytes kept by `keep`, of every kind. */
  kept(): Promise<readonly Uint8Array[]>;
}

/** What an installer is made of. */
export interface InstallerOptions<T> {
  readonly crypto: Crypto;
  readonly clock: Clock;
  readonly state: StateStore;
  /** Raw public keys. */
  readonly trust: readonly Uint8Array[];
  /** Those of the site, for its lists and its action table, and for these alone. Absent: `trust` is for every component. */
  readonly siteTrust?: readonly Uint8Array[] | undefined;
  /** Turns a container into what the engine uses. Throws `pattern-refused` when the content is not usable. */
  load(container: Container): T | Promise<T>;
}

const kinds = componentsOf('agent');

/** An installer over a state store. */
export function createInstaller<T>(options: InstallerOptions<T>): Installer<T> {
  const { crypto, clock, state } = options;

  return {
    async prepare(bytes, how) {
      // 1. Structure, limits and section digests.
      const container = openContainer(bytes, { crypto });
      try {
        return await prepareOpened(container, bytes, how);
      } catch (error) {
        throw blaming(container.kind, error);
      }
    },

    async keep(components) {
      const values = components.map(({ bytes, installed }) => [bytesKey(installed.head.kind), bytes] as const);
      await (state.setAll === undefined ? setInTurn(values) : state.setAll(values));
      for (const { head } of components.map((one) => one.installed)) {
        const newest = await newestKept(head.kind);
        if (newest === undefined || head.generation > newest) {
          await state.set(generationKey(head.kind), toUtf8(String(head.generation)));
        }
      }
    },

    async kept() {
      const found = await Promise.all(kinds.map((kind) => state.get(bytesKey(kind))));
      return found.filter((bytes) => bytes !== undefined);
    },
  };

  async function prepareOpened(container: Container, bytes: Uint8Array, how: InstallOptions): Promise<Installed<T> | undefined> {
    const { own, current, rollback = false } = how;
    const trust = siteComponents.includes(container.kind) ? (options.siteTrust ?? options.trust) : options.trust;
    // 2. Signature by a trusted key.
    const keyId = own && trust.length === 0 ? undefined : await verifyTrusted(bytes, trust);
    // 3. Not older than what is in use, nor than what ever was (a network source only: a host may go back by itself).
    const digest = toHex(crypto.sha256(bytes));
    const inUse = current(container.kind);
    if (inUse?.digest === digest) {
      return undefined;
    }
    if (!rollback) {
      await refuseOlder(container, inUse, own);
    }
    // 4. Not expired.
    if (!own && container.expiresAt <= clock.now()) {
      throw refused('expired', `the ${container.kind} expired at ${new Date(container.expiresAt).toISOString()}`);
    }
    // 5. Loads.
    const value = await options.load(container);
    return { head: headOf(container, keyId), digest, value };
  }

  async function setInTurn(values: readonly (readonly [string, Uint8Array])[]): Promise<void> {
    for (const [key, value] of values) {
      await state.set(key, value);
    }
  }

  async function verifyTrusted(bytes: Uint8Array, trust: readonly Uint8Array[]): Promise<string> {
    if (trust.length === 0) {
      throw refused('untrusted', 'no trusted key is configured: name one in `trust` to install patterns from elsewhere');
    }
    return verifyContainer(bytes, { crypto, trust });
  }

  async function refuseOlder(container: Container, inUse: Installed<unknown> | undefined, own: boolean): Promise<void> {
    const newest = own ? inUse?.head.generation : Math.max(inUse?.head.generation ?? 0, (await newestKept(container.kind)) ?? 0);
    if (newest !== undefined && container.generation <= newest && inUse !== undefined) {
      throw refused('older', `generation ${container.generation} of the ${container.kind} is not newer than ${newest}`);
    }
    if (newest !== undefined && container.generation < newest) {
      throw refused('older', `generation ${container.generation} of the ${container.kind} is older than ${newest}`);
    }
  }

  async function newestKept(kind: ComponentKind): Promise<number | undefined> {
    const bytes = await state.get(generationKey(kind));
    const value = bytes === undefined ? Number.NaN : Number(fromUtf8(bytes.subarray(0, 20)));
    return Number.isSafeInteger(value) && value >= 0 ? value : undefined;
  }
}

/** The same refusal, which says what it is about: of several components that come together one may be at fault. */
function blaming(kind: ComponentKind, error: unknown): unknown {
  const detail = VedetteError.is(error) ? error.detail : null;
  return VedetteError.is(error) && typeof detail === 'object' && detail !== null && !Array.isArray(detail)
    ? new VedetteError(error.code, error.message, { detail: { kind, ...detail }, cause: error.cause })
    : error;
}

function headOf(container: Container, keyId: string | undefined): InstalledHead {
  const { kind, generation, createdAt, expiresAt, periodMs } = container;
  return { kind, generation, createdAt, expiresAt, periodMs, ...(keyId === undefined ? {} : { keyId }) };
}

function bytesKey(kind: ComponentKind): string {
  return `pattern/${kind}`;
}

function generationKey(kind: ComponentKind): string {
  return `pattern/${kind}/newest-generation`;
}

function refused(cause: string, message: string): VedetteError {
  return new VedetteError('pattern-refused', message, { detail: { cause } });
}
