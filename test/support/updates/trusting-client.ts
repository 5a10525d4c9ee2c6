/**
 * A client that checks nothing: it follows the names in the metadata and takes what it finds. What it takes shows that an
 * attack would do harm to whoever does not check.
 */
import type { Envelope, Signed } from './repository.js';

/** The agent pattern that it ends up with, or how it failed. */
export async function trust(url: string): Promise<Uint8Array | 'nothing'> {
  try {
    const timestamp = await json(`${url}/metadata/timestamp.json`);
    const snapshot = await json(`${url}/metadata/${versionOf(timestamp, 'snapshot')}.snapshot.json`);
    const role = await json(`${url}/metadata/${versionOf(snapshot, 'agent-pattern')}.agent-pattern.json`);
    const target = (role.signed['targets'] as Record<string, { readonly hashes: { readonly sha256: string } }>)['agent-pattern/full.vdt'];
    const response = await fetch(`${url}/targets/agent-pattern/${target!.hashes.sha256}.full.vdt`);
    return response.ok ? new Uint8Array(await response.arrayBuffer()) : 'nothing';
  } catch {
    return 'nothing';
  }
}

async function json(url: string): Promise<Envelope> {
  return (await (await fetch(url)).json()) as Envelope;
}

function versionOf({ signed }: Envelope, role: string): number {
  return (signed['meta'] as Record<string, Signed>)[`${role}.json`]!['version'] as number;
}
