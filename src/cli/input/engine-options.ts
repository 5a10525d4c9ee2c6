/**
 * From options to an engine: what a host does with `createNodeEngine`, with the patterns and servers that the user
 * names. Nothing runs in the background: a command does what it was asked for and ends.
 */
import { createPolicy } from '../../action/create-policy.js';
import type { Policy, PolicyName, WebLevel } from '../../action/policy.js';
import { VedetteError } from '../../base/errors.js';
import type { Remedy } from '../../base/verdict.js';
import type { Engine } from '../../engine/checker.js';
import type { PendingOptions, ServerConfig } from '../../engine/options.js';
import { createFileActions } from '../../node/file-actions.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { createNodeEngineWith, type NodeParts } from '../../node/node-engine.js';
import type { Parts } from '../../preset/parts.js';
import type { OptionSpecs, OptionValues } from '../command.js';
import type { Io } from '../io.js';
import { inProcessAddress, openTransport } from './transport.js';
import { readPublicKeys } from './keys.js';
import { vaultOf } from './vault.js';
import { blamed, patternFiles, readPatterns, readServerPattern } from './patterns.js';

const policies = ['endpoint', 'gateway', 'report'] as const satisfies readonly PolicyName[];
const remedies = ['none', 'quarantine', 'delete', 'rename'] as const satisfies readonly Remedy[];

/** What every command that checks something takes. */
export const engineOptions = {
  pattern: { kind: 'texts', value: 'DIR|FILE', help: 'agent pattern and filter: a directory that compile wrote, or a file' },
  server: { kind: 'texts', value: 'URL', help: 'reputation server; the first that can tell answers' },
  serverPattern: { kind: 'text', value: 'FILE', help: 'answer the questions from this server pattern, in this process' },
  trust: { kind: 'texts', value: 'KEY.pub', help: 'believe only answers and patterns signed by this key' },
  listKey: { kind: 'texts', value: 'KEY.pub', help: 'also believe the keys that a server lists, signed by this key' },
  data: { kind: 'text', value: 'DIR', help: 'what is to survive: pending queue, state, quarantine' },
  policy: { kind: 'choice', values: policies, help: 'what follows from a verdict (endpoint)' },
} as const satisfies OptionSpecs;

/** What commands that treat files take besides. */
export const remedyOptions = {
  remedy: { kind: 'choice', values: remedies, help: 'what is done to malicious files (none)' },
} as const satisfies OptionSpecs;

/** Their values. */
export type EngineOptionValues = OptionValues<typeof engineOptions> &
  Partial<OptionValues<typeof remedyOptions>> & { readonly level?: WebLevel | undefined; readonly blockUntested?: boolean };

/** What a command needs of an engine. */
export interface EngineUse {
  readonly jobs?: number;
  readonly pending?: PendingOptions;
  /** What it will judge; `files` spares the Public Suffix List. Default: `any`. */
  readonly subjects?: 'files' | 'any';
}

/**
 * An engine that is ready. The caller closes it.
 * @throws VedetteError `config-invalid`, `pattern-refused`: one line that names the option or file.
 */
export async function openEngine(options: EngineOptionValues, io: Io, how: EngineUse = {}): Promise<Engine> {
  assertSomethingToAsk(options);
  assertRemedy(options);
  const trust = await readPublicKeys(options.trust);
  const listKeys = await readPublicKeys(options.listKey);
  const files = await patternFiles(options.pattern);
  const engine = await createEngineFrom(options, { ...how, trust, listKeys, files });
  try {
    await engine.ready();
  } catch (error) {
    await engine.close();
    throw await blamed(error, { files, trust });
  }
  engine.on('fault', createFaultNotes(io));
  return engine;
}

async function createEngineFrom(
  options: EngineOptionValues,
  what: EngineUse & { readonly trust: readonly string[]; readonly listKeys: readonly string[]; readonly files: readonly string[] },
): Promise<Engine> {
  const { trust, listKeys, files, jobs, pending, subjects } = what;
  const crypto = createNodeCrypto();
  const own = options.serverPattern === undefined ? undefined : await readServerPattern(options.serverPattern, { crypto, trust });
  const parts: NodeParts = {
    registrableDomain: subjects === 'files' ? noDomains : (await import('../../url.js')).registrableDomain,
    pattern: () => readPatterns(files),
    transport: await openTransport(own, crypto),
    policy: cliPolicy(options),
    ...actionsFor(options),
  };
  const servers: ServerConfig[] = [
    ...options.server.map((address) => ({ address, scope: scopeOf(address), trust, listKeys })),
    ...(own === undefined ? [] : [{ address: inProcessAddress, scope: 'local' as const }]),
  ];
  return createNodeEngineWith(
    {
      servers,
      trust,
      background: 'manual',
      ...(jobs === undefined ? {} : { limits: { maxConcurrent: jobs } }),
      ...(pending === undefined ? {} : { pending }),
      ...(options.data === undefined ? {} : { dataDir: options.data }),
    },
    parts,
  );
}

/** Nobody asks; whoever did would get an unknown, never a clean one. */
function noDomains(): never {
  throw new TypeError('an engine for files judges no URLs');
}

/** Plain HTTP is for local servers; one that is asked over HTTPS may be anywhere. */
function scopeOf(address: string): ServerConfig['scope'] {
  return /^https:/i.test(address) ? 'global' : 'local';
}

/** The named policy with the remedy of the command line. Only files can be treated: a URL stays where it is. */
function cliPolicy(options: EngineOptionValues): Policy {
  const malicious = { remedy: options.remedy ?? 'none' };
  const untested = options.blockUntested === true ? ({ untested: 'block' } as const) : {};
  const policy = createPolicy({ base: options.policy ?? 'endpoint', malicious, ...untested }, { level: options.level ?? 'medium' });
  const ofFilesOnly: Policy = (facts) => {
    const decision = policy(facts);
    return facts.subject.kind === 'url' ? { ...decision, remedy: 'none' } : decision;
  };
  return Object.assign(ofFilesOnly, { label: policy.label });
}

function actionsFor(options: EngineOptionValues): Partial<Pick<Parts, 'actions'>> {
  if (options.remedy === undefined || options.remedy === 'none') {
    return {};
  }
  return { actions: options.data === undefined ? createFileActions() : vaultOf(options.data) };
}

function assertSomethingToAsk(options: EngineOptionValues): void {
  const nothing = options.pattern.length === 0 && options.server.length === 0;
  if (nothing && options.serverPattern === undefined && options.data === undefined) {
    throw new VedetteError('config-invalid', 'nothing to check against: give --pattern, --server, --server-pattern or --data');
  }
  if (options.listKey.length > 0 && options.server.length === 0) {
    throw new VedetteError('config-invalid', '--list-key says who signs the key list of --server URL, which is missing');
  }
}

function assertRemedy(options: EngineOptionValues): void {
  const { remedy = 'none' } = options;
  if (remedy === 'quarantine' && options.data === undefined) {
    throw new VedetteError('config-invalid', '--remedy quarantine needs --data DIR: the files go to DIR/vault');
  }
  if (remedy !== 'none' && options.policy === 'report') {
    throw new VedetteError('config-invalid', `--policy report treats nothing: leave out --remedy ${remedy}, or choose another policy`);
  }
}

const shownFaults = 10;

/** Faults on the way (a queue that cannot be written, a remedy that threw) as notes, each text once. */
function createFaultNotes(io: Io): (fault: { readonly where: string; readonly error: unknown }) => void {
  const seen = new Set<string>();
  return ({ where, error }) => {
    const text = `vedette: ${where}: ${error instanceof Error ? error.message : String(error)}`;
    if (seen.size < shownFaults && !seen.has(text)) {
      seen.add(text);
      io.note(text);
    }
  };
}
