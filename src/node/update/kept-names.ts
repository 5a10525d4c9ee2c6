/** Names of what lies in the `patterns` of a data directory. docs/guides/updating.md, "On disk". */
import { createHash } from 'node:crypto';

/** A container that is in use or kept, by the SHA-256 of its bytes. */
export function containerName(sha256: string): string {
  return `c-${sha256}`;
}

/** What is known of a repository goes by the root that the host was given: 16 hex digits. */
export function repositoryName(root: string): string {
  return createHash('sha256').update(root).digest('hex').slice(0, 16);
}

/** A file of a repository as it was downloaded, kept to be passed on. */
export function keptTargetName(repository: string, sha256: string): string {
  return `t-${repository}-${sha256}`;
}

/** The digest in such a name; undefined for other names, and for files of another repository. */
export function keptTargetDigest(repository: string, name: string): string | undefined {
  const [, of, sha256] = /^t-([0-9a-f]{16})-([0-9a-f]{64})$/.exec(name) ?? [];
  return of === repository ? sha256 : undefined;
}

/** What has come of a file of a repository. */
export function partName(repository: string, sha256: string): string {
  return `part-${repository}-${sha256}`;
}

/** The digest in such a name; undefined for other names, and for files of another repository. */
export function partDigest(repository: string, name: string): string | undefined {
  const [, of, sha256] = /^part-([0-9a-f]{16})-([0-9a-f]{64})$/.exec(name) ?? [];
  return of === repository ? sha256 : undefined;
}
