/**
 * Everything that an agent pattern needs: decoding, matching, file types, headers, normalisation. It is the larger half
 * of the library and is loaded with the first agent pattern, so that whoever checks URLs and digests only never does.
 */
import { decodeActionTable } from '../pattern/action-table-pattern.js';
import { decodeAgentPattern } from '../pattern/agent-pattern.js';
import type { Container } from '../pattern/container.js';
import { createLocalPattern } from '../scan/agent-scan.js';
import type { Kernel } from '../scan/kernel/kernel.js';
import { createSignatureScout } from '../scan/kernel/signature-scout.js';
import type { LocalPattern } from '../scan/local-pattern.js';
import type { CreatePartHash } from '../scan/rules/part-hashes.js';

/** What loading depends on. */
export interface LoadAgentOptions {
  /** What searches for byte signatures; TypeScript where there is none. */
  readonly kernel: Kernel | undefined;
  /** For hashes of sections and import tables. */
  readonly createHash: CreatePartHash;
}

/** @throws VedetteError `pattern-refused` for what cannot be read. */
export function loadAgentPattern(container: Container, options: LoadAgentOptions): LocalPattern {
  const scout = options.kernel === undefined ? undefined : createSignatureScout(options.kernel);
  return createLocalPattern(decodeAgentPattern(container, { scout }), container.generation, options);
}

/** The rows of an action table: here, so that hosts without one do not load what reads it. */
export const loadActionTable: typeof decodeActionTable = decodeActionTable;
