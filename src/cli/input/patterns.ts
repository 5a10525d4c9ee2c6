/** Pattern files that the user names: a directory as `compile` writes it, or single files. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Crypto } from '../../base/seams.js';
import { VedetteError } from '../../base/errors.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { openContainer, verifyContainer } from '../../pattern/container.js';
import { parsePublicKey } from '../../protocol/keys.js';
import { fileError, readLimitedFile } from './read-file.js';

/** Names under which `compile` writes the components. */
export const componentFiles = { agent: 'agent.vap', filter: 'filter.vaf', server: 'server.vsp' } as const;

/** Names under which `site` writes the components of a site. */
export const siteFiles = { lists: 'lists.vli', actions: 'actions.vat' } as const;

/** The limit of a component file, the same as that of its container. */
export const maxPatternBytes: number = 2 ** 30;

/**
 * The files behind `--pattern` arguments: of a directory, the agent pattern and the filter that are in it.
 * @throws VedetteError `config-invalid` for what is not there, and for a directory with neither.
 */
export async function patternFiles(args: readonly string[]): Promise<string[]> {
  return (await Promise.all(args.map(filesOf))).flat();
}

/** The contents of the files, in order. */
export function readPatterns(files: readonly string[]): Promise<Uint8Array[]> {
  return Promise.all(files.map((file) => readLimitedFile(file, maxPatternBytes)));
}

/**
 * A server pattern's bytes. With trusted keys (text form), only one that is signed by one of them.
 * @throws VedetteError `config-invalid`, `pattern-refused`, naming the file.
 */
export async function readServerPattern(
  file: string,
  options: { readonly crypto: Crypto; readonly trust: readonly string[] },
): Promise<Uint8Array> {
  const bytes = await readLimitedFile(file, maxPatternBytes);
  if (options.trust.length > 0) {
    await verifyContainer(bytes, { crypto: options.crypto, trust: options.trust.map(parsePublicKey) }).catch((error: unknown) => {
      throw refusedFile(file, error);
    });
  }
  return bytes;
}

/** The same refusal, with the name of the file. */
export function refusedFile(file: string, error: unknown): unknown {
  return VedetteError.is(error) ? new VedetteError(error.code, `${file}: ${error.message}`, { detail: error.detail, cause: error }) : error;
}

/** An engine's refusal of a pattern, with the name of the file that it is about. */
export async function blamed(error: unknown, of: { readonly files: readonly string[]; readonly trust: readonly string[] }): Promise<unknown> {
  const crypto = createNodeCrypto();
  const trust = of.trust.map(parsePublicKey);
  for (const file of VedetteError.is(error) && error.code === 'pattern-refused' ? of.files : []) {
    try {
      const bytes = await readLimitedFile(file, maxPatternBytes);
      const container = openContainer(bytes, { crypto });
      if (trust.length > 0) {
        await verifyContainer(bytes, { crypto, trust });
      }
      if (container.kind === 'server-pattern') {
        return new VedetteError('config-invalid', `${file} is a server pattern: it goes to --server-pattern, or to serve`);
      }
    } catch (cause) {
      return refusedFile(file, cause);
    }
  }
  return error;
}

async function filesOf(argument: string): Promise<string[]> {
  const found = await stat(argument).catch((error: unknown) => {
    throw fileError(argument, error);
  });
  if (!found.isDirectory()) {
    return [argument];
  }
  const candidates = [componentFiles.agent, componentFiles.filter].map((name) => join(argument, name));
  const there = await Promise.all(candidates.map((file) => stat(file).then(() => true, () => false)));
  const files = candidates.filter((_, index) => there[index]);
  if (files.length === 0) {
    throw new VedetteError('config-invalid', `${argument}: expected ${componentFiles.agent} or ${componentFiles.filter} in this directory`);
  }
  return files;
}
