/**
 * @tufjs/models behind the few calls that publishing makes of it: metadata are checked for their shape, signed in canonical
 * form, and verified against whoever delegates. The one file that imports it, and only when something is published.
 */
import type * as Library from '@tufjs/models';
import type { Metadata, MetadataKind, Root, Snapshot, Targets, Timestamp } from '@tufjs/models';
import { describeError, VedetteError } from '../../../base/errors.js';
import type { Json, Signer } from '../../../base/seams.js';
import { fromUtf8, toHex, toUtf8 } from '../../../base/bytes.js';
import { canonicalJson, tufKeyId, type AnySigned, type RootSigned, type TargetsSigned } from './tuf-json.js';

/** A metadata file, taken apart. */
export interface SealedMetadata<T extends AnySigned = AnySigned> {
  readonly signed: T;
  readonly bytes: Uint8Array;
  /** Ids of the keys that have signed, whoever they are. Not checked. */
  readonly keyIds: readonly string[];
}

/** What publishing asks of the models. */
export interface TufModels {
  /** A metadata file, signed by all of these. */
  seal<T extends AnySigned>(signed: T, signers: readonly Signer[]): Promise<SealedMetadata<T>>;
  /** The same file with further signatures; those of keys that sign again are replaced. */
  addSignatures(file: SealedMetadata, signers: readonly Signer[]): Promise<SealedMetadata>;
  /** @throws VedetteError `config-invalid` naming `what` for bytes that are no metadata of this type. */
  open<T extends AnySigned['_type']>(bytes: Uint8Array, type: T, what: string): SealedMetadata<Extract<AnySigned, { _type: T }>>;
  /** True when enough keys that `by` names for the role have signed. */
  isVerified(file: SealedMetadata, role: string, by: SealedMetadata<RootSigned> | SealedMetadata<TargetsSigned>): boolean;
  /** Ids of the keys of `by` for the role whose signatures are right. */
  signedBy(file: SealedMetadata, role: string, by: SealedMetadata<RootSigned> | SealedMetadata<TargetsSigned>): readonly string[];
}

type AnyMetadata = Metadata<Root> | Metadata<Snapshot> | Metadata<Targets> | Metadata<Timestamp>;
type Models = typeof Library;

/** @throws VedetteError `peer-missing` without the package. */
export async function loadTufModels(): Promise<TufModels> {
  const library = await importModels();
  return {
    seal: async (signed, signers) => {
      const { bytes, keyIds } = await signedBytes(library, parsed(library, { signatures: [], signed }, 'new metadata'), signers);
      return { signed, bytes, keyIds };
    },
    addSignatures: async ({ bytes, signed }, signers) => ({ ...(await signedBytes(library, modelOf(library, bytes), signers)), signed }),
    open: (bytes, type, what) => opened(library, bytes, { type, what }),
    isVerified: (file, role, by) => {
      try {
        modelOf(library, by.bytes).verifyDelegate(role, modelOf(library, file.bytes));
        return true;
      } catch {
        return false;
      }
    },
    signedBy: (file, role, by) => {
      const { keys, keyIds } = speakers(modelOf(library, by.bytes), role);
      const model = modelOf(library, file.bytes);
      return keyIds.filter((id) => isSignedBy(model, keys[id]));
    },
  };
}

async function importModels(): Promise<Models> {
  try {
    return await import('@tufjs/models');
  } catch (error) {
    const message = "publishing needs the package '@tufjs/models' 4: npm install @tufjs/models@4";
    throw new VedetteError('peer-missing', message, { detail: { package: '@tufjs/models' }, cause: error });
  }
}

/** untrusted: whoever wrote the file. The models check the shape; who has signed is asked for apart. */
function opened<T extends AnySigned['_type']>(
  library: Models,
  bytes: Uint8Array,
  { type, what }: { readonly type: T; readonly what: string },
): SealedMetadata<Extract<AnySigned, { _type: T }>> {
  const json = parseText(bytes, what);
  const model = parsed(library, json, what);
  const found: string = model.signed.type;
  if (found !== type) {
    throw new VedetteError('config-invalid', `${what}: expected ${type} metadata, these are ${found}`);
  }
  return { signed: model.signed.toJSON() as never, bytes, keyIds: Object.keys(model.signatures) };
}

function modelOf(library: Models, bytes: Uint8Array): AnyMetadata {
  return parsed(library, parseText(bytes, 'metadata'), 'metadata');
}

function parseText(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(fromUtf8(bytes));
  } catch (cause) {
    throw new VedetteError('config-invalid', `${what}: this is no JSON`, { cause });
  }
}

function parsed({ Metadata: Model }: Models, json: unknown, what: string): AnyMetadata {
  const data = json as Parameters<typeof Model.fromJSON>[1];
  const type: unknown = (json as { readonly signed?: { readonly _type?: unknown } } | null)?.signed?._type;
  try {
    switch (type) {
      case 'root':
        return Model.fromJSON(type as MetadataKind.Root, data);
      case 'targets':
        return Model.fromJSON(type as MetadataKind.Targets, data);
      case 'snapshot':
        return Model.fromJSON(type as MetadataKind.Snapshot, data);
      case 'timestamp':
        return Model.fromJSON(type as MetadataKind.Timestamp, data);
      default:
        throw new TypeError('its type is unknown');
    }
  } catch (cause) {
    throw new VedetteError('config-invalid', `${what}: this is no TUF metadata: ${describeError(cause)}`, { cause });
  }
}

/** The library signs at once; our signers may take their time, so it is asked first what there is to sign. */
async function signedBytes(
  { Signature }: Models,
  model: AnyMetadata,
  signers: readonly Signer[],
): Promise<{ readonly bytes: Uint8Array; readonly keyIds: readonly string[] }> {
  for (const signer of signers) {
    const keyID = tufKeyId(signer.publicKey);
    let canonical: Uint8Array = new Uint8Array(0);
    model.sign((data) => {
      canonical = new Uint8Array(data);
      return new Signature({ keyID, sig: '' });
    });
    const sig = toHex(await signer.sign(canonical));
    model.sign(() => new Signature({ keyID, sig }));
  }
  const keyIds = Object.keys(model.signatures).sort();
  // Sorted by key, so that the order in which people sign makes no difference.
  const signatures = keyIds.map((keyid) => ({ keyid, sig: model.signatures[keyid]!.sig }));
  return { bytes: toUtf8(canonicalJson({ signatures, signed: model.signed.toJSON() as Json })), keyIds };
}

function speakers(by: AnyMetadata, role: string): { readonly keys: Root['keys']; readonly keyIds: readonly string[] } {
  const { signed } = by;
  if ('roles' in signed) {
    return { keys: signed.keys, keyIds: signed.roles[role]?.keyIDs ?? [] };
  }
  const delegations = 'delegations' in signed ? signed.delegations : undefined;
  return { keys: delegations?.keys ?? {}, keyIds: delegations?.roles?.[role]?.keyIDs ?? [] };
}

function isSignedBy(model: AnyMetadata, key: Root['keys'][string] | undefined): boolean {
  try {
    key?.verifySignature(model);
    return key !== undefined;
  } catch {
    return false;
  }
}
