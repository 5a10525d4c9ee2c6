/**
 * The signed key list that a server hands out (`vedette key-list make` writes one), as a file that its operator replaces
 * while the server runs. One that cannot be read, goes back, or is not signed as it should be changes nothing: the last
 * good one is handed out.
 */
import { VedetteError, describeError } from '../../base/errors.js';
import type { Clock, Crypto } from '../../base/seams.js';
import { decodeKeyList, type KeyList } from '../../protocol/key-list.js';
import { createKeyRing, type KeyRing } from '../../protocol/key-ring.js';
import { keyId } from '../../protocol/keys.js';
import { maxKeyListBytes } from '../../protocol/limits.js';
import { readLimitedFile } from '../input/read-file.js';

/** What the file is read with. */
export interface KeyListFileOptions {
  readonly path: string;
  /** Takes the lists of the file, and refuses those that its list keys have not signed; absent: they are handed out as they are. */
  readonly ring?: KeyRing | undefined;
  /** The raw public key that signs here; absent for a relay. */
  readonly signingKey?: Uint8Array | undefined;
  readonly crypto: Pick<Crypto, 'sha256' | 'verify'>;
  readonly clock: Pick<Clock, 'now' | 'monotonicMs'>;
  /** Told of what the file has in place of a good list, and of a list by which nobody would believe this server. */
  readonly onFault: (error: unknown) => void;
  /** A process that takes the place of one that served: faults are told, and end nothing. */
  readonly isRestart?: boolean | undefined;
}

/** A list is looked for again after so long. */
const everyMs = 1_000;

/**
 * Opens the file and gives what reads it again: the last good list, as it is to be handed out.
 * @throws VedetteError `config-invalid`, naming the file, when it holds none, or one by which nobody would believe this server.
 */
export async function openKeyListFile(options: KeyListFileOptions): Promise<() => Promise<Uint8Array | undefined>> {
  const { path, clock, isRestart } = options;
  let last: Uint8Array | undefined;
  let sequence = 0;
  const read = async (): Promise<void> => {
    const bytes = await readLimitedFile(path, maxKeyListBytes);
    if (last !== undefined && Buffer.compare(bytes, last) === 0) {
      return;
    }
    const list = await accepted(bytes, sequence, options);
    // Handed out even when it revokes the key that signs here: clients have to learn that.
    [last, sequence] = [bytes, list.sequence];
    assertBelieved(list, options);
  };
  const tell = toldOnce(options.onFault);
  await (isRestart === true ? read().catch(tell.fault) : read());
  let readAtMs = clock.monotonicMs();
  let reading: Promise<void> | undefined;
  return async () => {
    if (reading === undefined && clock.monotonicMs() - readAtMs >= everyMs) {
      readAtMs = clock.monotonicMs();
      reading = read().then(tell.success, tell.fault).finally(() => {
        reading = undefined;
      });
    }
    await reading;
    return last;
  };
}

/** A file that stays wrong is told of once. */
function toldOnce(tell: (error: unknown) => void): { readonly fault: (error: unknown) => void; readonly success: () => void } {
  let told = '';
  return {
    success: () => {
      told = '';
    },
    fault: (error) => {
      if (describeError(error) !== told) {
        told = describeError(error);
        tell(error);
      }
    },
  };
}

/** The list, if it is one, newer than the last, and signed as it should be. */
async function accepted(bytes: Uint8Array, sequence: number, { path, ring }: KeyListFileOptions): Promise<KeyList> {
  const list = decoded(bytes, path);
  if (list.sequence <= sequence) {
    throw refused(path, `of sequence ${list.sequence}, expected more than ${sequence}`);
  }
  const outcome = await ring?.offer(bytes);
  if (outcome?.kind === 'refused') {
    throw refused(path, outcome.why);
  }
  return list;
}

function decoded(bytes: Uint8Array, path: string): KeyList {
  try {
    return decodeKeyList(bytes);
  } catch (error) {
    throw refused(path, `no key list (${describeError(error)})`);
  }
}

/** Clients that follow the list refuse what another key signs. */
function assertBelieved(list: KeyList, { path, signingKey, crypto, clock }: KeyListFileOptions): void {
  const state = signingKey === undefined ? undefined : createKeyRing({ keys: list.keys, crypto }).find(keyId(signingKey, crypto), clock.now());
  if (state !== undefined && state.kind !== 'trusted') {
    throw refused(path, `by this list the key that signs here is ${state.kind}: clients refuse its answers`);
  }
}

function refused(path: string, why: string): VedetteError {
  return new VedetteError('config-invalid', `${path}: ${why}`, { detail: { what: 'key-list' } });
}
