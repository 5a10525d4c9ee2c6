/**
 * Metadata of a repository as JSON (TUF specification 1.0.31, section 4): the shapes of the four roles, and the one spelling in
 * which vedette writes them: keys sorted, no blanks, so that the same content is the same bytes.
 */
import { createHash } from 'node:crypto';
import { toHex } from '../../../base/bytes.js';
import type { Json } from '../../../base/seams.js';

/** A public key. */
export interface TufKey {
  readonly keytype: string;
  readonly scheme: string;
  /** `public`: 64 hex digits. */
  readonly keyval: { readonly public: string };
}

/** Who speaks for a role. */
export interface TufRole {
  readonly keyids: readonly string[];
  readonly threshold: number;
}

/** What all roles say. */
interface Signed {
  readonly version: number;
  /** `2026-01-31T00:00:00Z`. */
  readonly expires: string;
  readonly spec_version: string;
}

/** The role that everything starts from. */
export interface RootSigned extends Signed {
  readonly _type: 'root';
  readonly consistent_snapshot: boolean;
  readonly keys: Readonly<Record<string, TufKey>>;
  readonly roles: Readonly<Record<TopRole, TufRole>>;
}

/** The roles that the root names. */
export type TopRole = 'root' | 'targets' | 'snapshot' | 'timestamp';

/** Which version of a metadata file is meant. */
export interface TufMeta {
  readonly version: number;
  readonly length?: number;
  readonly hashes?: { readonly sha256: string };
}

export interface SnapshotSigned extends Signed {
  readonly _type: 'snapshot';
  /** By `ROLE.json`. */
  readonly meta: Readonly<Record<string, TufMeta>>;
}

export interface TimestampSigned extends Signed {
  readonly _type: 'timestamp';
  readonly meta: { readonly 'snapshot.json': TufMeta };
}

/** A file under `targets/`. */
export interface TufTarget {
  readonly length: number;
  readonly hashes: { readonly sha256: string };
  readonly custom: TargetCustom;
}

/** What vedette says about a target (docs/updates.md). */
export interface TargetCustom {
  readonly component: string;
  readonly generation: number;
  readonly from?: number;
  readonly gzip?: true;
  readonly encoding?: 'gzip';
}

/** A role that others speak for. */
export interface TufDelegation extends TufRole {
  readonly name: string;
  readonly terminating: boolean;
  readonly paths: readonly string[];
}

export interface TargetsSigned extends Signed {
  readonly _type: 'targets';
  readonly targets: Readonly<Record<string, TufTarget>>;
  readonly delegations?: { readonly keys: Readonly<Record<string, TufKey>>; readonly roles: readonly TufDelegation[] };
}

/** What is signed. */
export type AnySigned = RootSigned | SnapshotSigned | TimestampSigned | TargetsSigned;

/** The version of the specification that metadata claim. */
export const specVersion = '1.0.31';

/** The one spelling of a JSON value. */
export function canonicalJson(value: Json): string {
  return JSON.stringify(sorted(value));
}

/** An instant as metadata have it; parts of a second are cut off. */
export function formatInstant(epochMs: number): string {
  return `${new Date(epochMs).toISOString().slice(0, 19)}Z`;
}

/** A raw Ed25519 key as metadata have it. */
export function tufKey(publicKey: Uint8Array): TufKey {
  return { keytype: 'ed25519', scheme: 'ed25519', keyval: { public: toHex(publicKey) } };
}

/** The id of a key: SHA-256 of its canonical form, in hex (section 4.2). */
export function tufKeyId(publicKey: Uint8Array): string {
  const { keytype, scheme, keyval } = tufKey(publicKey);
  return sha256Hex(Buffer.from(canonicalJson({ keytype, scheme, keyval: { public: keyval.public } })));
}

/** SHA-256 in hex. */
export function sha256Hex(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex');
}

function sorted(value: Json): Json {
  if (Array.isArray(value)) {
    return (value as readonly Json[]).map(sorted);
  }
  if (typeof value !== 'object' || value === null) {
    return value;
  }
  const entries = Object.entries(value as Readonly<Record<string, Json>>).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(entries.map(([key, one]) => [key, sorted(one)]));
}
