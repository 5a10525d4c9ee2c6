/** The configuration of a Node engine: the portable one and the directories, read from a file under a limit. */
import { open } from 'node:fs/promises';
import { describeError, VedetteError } from '../base/errors.js';
import { parseConfig, type EngineConfig } from '../engine/options.js';
import { updateConfigFaults, type UpdateConfig } from './update/update-config.js';

/** What a Node engine takes besides the portable configuration. */
export interface NodeConfig extends EngineConfig {
  /** Pending journal, installed patterns and server generations survive here. Absent: everything lives in memory. */
  readonly dataDir?: string;
  /** False: answers and what files were are kept in memory only, not in the data directory. Default: true. */
  readonly caches?: boolean;
  /** The engine looks for newer patterns by itself, on its schedule. Needs a data directory, and `trust`. */
  readonly update?: UpdateConfig | undefined;
  /** With it, malicious files are treated as policy says. Absent: remedies are decided, not carried out. */
  readonly quarantineDir?: string;
}

const maxConfigBytes = 1024 * 1024;

/**
 * Checks a configuration with directories.
 * @throws VedetteError `config-invalid` with every fault as a path.
 */
export function parseNodeConfig(json: unknown): NodeConfig {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    return parseConfig(json);
  }
  const { dataDir, quarantineDir, caches, update, ...portable } = json as Record<string, unknown>;
  const faults = Object.entries({ dataDir, quarantineDir })
    .filter(([, value]) => value !== undefined && (typeof value !== 'string' || value === ''))
    .map(([path]) => ({ path, message: 'expected the path of a directory' }));
  if (caches !== undefined && typeof caches !== 'boolean') {
    faults.push({ path: 'caches', message: 'expected true or false' });
  }
  faults.push(...(update === undefined ? [] : updateFaults(update, dataDir)));
  try {
    parseConfig(portable);
  } catch (error) {
    throw faults.length === 0 ? error : joined(faults, error);
  }
  if (faults.length > 0) {
    throw joined(faults, undefined);
  }
  return json;
}

function updateFaults(update: unknown, dataDir: unknown): readonly { readonly path: string; readonly message: string }[] {
  return [...updateConfigFaults(update), ...(dataDir === undefined ? [{ path: 'update', message: 'needs a dataDir: what is fetched is kept there' }] : [])];
}

/**
 * Reads a configuration file (JSON, at most 1 MiB).
 * @throws VedetteError `config-invalid`: the file cannot be read, is no JSON, or has faults.
 */
export async function readConfig(file: string): Promise<NodeConfig> {
  let text: string;
  try {
    text = await readLimited(file);
  } catch (error) {
    throw new VedetteError('config-invalid', `${file}: ${describeError(error)}`, { cause: error });
  }
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw new VedetteError('config-invalid', `${file} is no JSON: ${describeError(error)}`, { cause: error });
  }
  return parseNodeConfig(json);
}

/** untrusted: a file of the user; read to the limit and one byte more. */
async function readLimited(file: string): Promise<string> {
  const handle = await open(file, 'r');
  try {
    const buffer = Buffer.alloc(maxConfigBytes + 1);
    let length = 0;
    for (let count = 1; count > 0 && length < buffer.length; length += count) {
      ({ bytesRead: count } = await handle.read(buffer, length, buffer.length - length, length));
    }
    if (length > maxConfigBytes) {
      throw new Error(`more than ${maxConfigBytes} bytes`);
    }
    return buffer.toString('utf8', 0, length);
  } finally {
    await handle.close();
  }
}

function joined(faults: readonly { readonly path: string; readonly message: string }[], error: unknown): VedetteError {
  const others = VedetteError.is(error) ? faultsOf(error) : [];
  const all = [...faults, ...others];
  const listing = all.map((fault) => `${fault.path}: ${fault.message}`).join('; ');
  return new VedetteError('config-invalid', `the configuration is not valid: ${listing}`, { detail: { faults: all } });
}

function faultsOf(error: VedetteError): readonly { readonly path: string; readonly message: string }[] {
  const { detail } = error as { detail: { faults?: readonly { readonly path: string; readonly message: string }[] } | null };
  return detail?.faults ?? [];
}
