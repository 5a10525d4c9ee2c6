/** `vedette publish add|init|status`: components into a repository, a new repository with its keys, and what is in it. */
import { mkdir, open, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { toUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import type { Signer } from '../../base/seams.js';
import { generateKeyPair, type KeyPair } from '../../node/node-keys.js';
import { publish } from '../../node/publish/publish.js';
import type { PublishedComponent, RoleKeys } from '../../node/publish/publishing.js';
import { createRepository } from '../../node/publish/roles/root-ceremony.js';
import { repositoryStatus, type RoleStatus } from '../../node/publish/status.js';
import { componentKinds, type ComponentKind } from '../../pattern/container-format.js';
import { formatPublicKey } from '../../protocol/keys.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import { readSigner } from '../input/keys.js';
import { componentFiles, maxPatternBytes, siteFiles } from '../input/patterns.js';
import { fileError, readLimitedFile } from '../input/read-file.js';
import { counted, dated, sized, tabulated } from '../output/text.js';

const dir = { kind: 'text', value: 'DIR', help: 'the repository', required: true } as const;
const json = { kind: 'switch', help: 'JSON lines' } as const;

/** The hourly call. */
export const publishAddCommand: Command = defineCommand({
  name: 'publish add',
  summary: 'publish components, and renew the metadata',
  argument: { name: 'PATH', count: 'any' },
  options: {
    dir,
    key: { kind: 'texts', value: 'FILE', help: 'private key of a component, of the snapshot or of the timestamp' },
    maxDeltas: { kind: 'whole', value: 'N', min: 0, max: 1000, help: 'steps kept for those who come later (14)' },
    json,
  },
  notes:
    'PATH is a component file, or a directory as `compile` or `site` writes it. Without any, only the metadata are renewed: do that more often ' +
    'than the timestamp lasts (a day). Each key signs what it may.',
  async run({ args, options, io }) {
    const components = await Promise.all((await componentPaths(args)).map((path) => readLimitedFile(path, maxPatternBytes)));
    const signers = await readSigners(options.key);
    const report = await publish({ dir: options.dir, components, signers, now: Date.now(), maxDeltas: options.maxDeltas });
    for (const one of report.components) {
      await io.line(options.json ? JSON.stringify({ ...one, kind: 'published', component: one.kind }) : componentLine(one));
    }
    const { version, pruned } = report;
    await io.line(options.json ? JSON.stringify({ kind: 'summary', version, pruned }) : `timestamp ${version}, ${counted(pruned, 'old file')} removed`);
    return exitClean;
  },
});

/** Keys and repository at once. */
export const publishInitCommand: Command = defineCommand({
  name: 'publish init',
  summary: 'make a repository with new keys',
  options: {
    dir: { ...dir, help: 'where the repository goes' },
    keys: { kind: 'text', value: 'DIR', help: 'where the private keys go, each in a file of its own', required: true },
    component: { kind: 'texts', value: 'KIND', help: `what is published: ${componentKinds.join(', ')} (the first three)` },
    rootKeys: { kind: 'whole', value: 'N', min: 1, max: 20, help: 'keys of the root (3)' },
    rootThreshold: { kind: 'whole', value: 'M', min: 1, max: 20, help: 'of which so many have to sign (2)' },
    json,
  },
  notes:
    'Move root-*.key and targets.key to where no network is as soon as this is done: `publish add` does not need them. Where keys are to be ' +
    'made apart from each other, use keygen, publish root, publish delegate, publish sign and publish install instead (docs/updates.md). ' +
    'Clients are given metadata/1.root.json.',
  async run({ options, io }) {
    const kinds = options.component.length === 0 ? componentKinds.slice(0, 3) : options.component.map(componentKind);
    const { rootKeys = 3, rootThreshold = Math.min(2, rootKeys) } = options;
    const pairs = new Map(keyNames(rootKeys, kinds).map((name) => [name, generateKeyPair()]));
    await writeKeys(options.keys, pairs);
    const role = (...names: string[]): RoleKeys => ({ keys: names.flatMap((name) => pairs.get(name)?.publicKey ?? []) });
    const roots = keyNames(rootKeys, []).filter((name) => name.startsWith('root-'));
    await createRepository({
      dir: options.dir,
      roles: {
        root: { ...role(...roots), threshold: rootThreshold },
        targets: role('targets'),
        snapshot: role('snapshot'),
        timestamp: role('timestamp'),
        components: Object.fromEntries(kinds.map((kind) => [kind, role(kind)])),
      },
      signers: [...pairs.values()].map(({ signer }) => signer),
      now: Date.now(),
    });
    for (const [name, { publicKey }] of pairs) {
      const file = join(options.keys, `${name}.key`);
      await io.line(options.json ? JSON.stringify({ kind: 'key', name, file, public: formatPublicKey(publicKey) }) : `${file}  ${formatPublicKey(publicKey)}`);
    }
    await io.line(options.json ? JSON.stringify({ kind: 'summary', root: join(options.dir, 'metadata/1.root.json') }) : 'keep root-*.key and targets.key offline');
    return exitClean;
  },
});

/** What is published, until when it holds, and by whose keys. */
export const publishStatusCommand: Command = defineCommand({
  name: 'publish status',
  summary: 'show versions, ends and keys of a repository',
  options: { dir, json },
  async run({ options, io }) {
    const { roles, components } = await repositoryStatus({ dir: options.dir });
    if (options.json) {
      const lines = [...components.map((one) => ({ ...one, kind: 'component', component: one.kind })), ...roles.map((one) => ({ ...one, kind: 'role' }))];
      for (const line of lines) {
        await io.line(JSON.stringify(line));
      }
      return exitClean;
    }
    const now = Date.now();
    const rows = [
      ...components.map(({ kind, generation, fullBytes, deltas }): [string, string] => [kind, `generation ${generation}, ${sized(fullBytes)}, ${counted(deltas, 'delta')}`]),
      ...roles.map((role): [string, string] => [`role ${role.role}`, roleWords(role, now)]),
    ];
    for (const line of tabulated(rows)) {
      await io.line(line);
    }
    return exitClean;
  },
});

/** The signers of some key files. */
export function readSigners(files: readonly string[]): Promise<Signer[]> {
  return Promise.all(files.map(readSigner));
}

/** @throws VedetteError `config-invalid` for a name that no component has. */
export function componentKind(name: string): ComponentKind {
  const kind = componentKinds.find((one) => one === name);
  if (kind === undefined) {
    throw new VedetteError('config-invalid', `${name} is no component: expected ${componentKinds.join(', ')}`);
  }
  return kind;
}

function componentLine({ kind, generation, fullBytes, deltaBytes, deltas }: PublishedComponent): string {
  const step = deltaBytes === undefined ? 'no delta' : `delta ${sized(deltaBytes)}, ${counted(deltas, 'step')}`;
  return `${kind} generation ${generation}: ${sized(fullBytes)}, ${step}`;
}

function roleWords({ version, expiresAt, threshold, keyIds }: RoleStatus, now: number): string {
  const state = expiresAt <= now ? 'EXPIRED' : 'until';
  return `version ${version}, ${state} ${dated(expiresAt)}, ${threshold} of ${keyIds.map((id) => id.slice(0, 8)).join(' ')}`;
}

/** Component files behind the arguments: those that `compile` writes, of a directory. */
async function componentPaths(args: readonly string[]): Promise<string[]> {
  const paths: string[] = [];
  for (const path of args) {
    const found = await stat(path).catch((error: unknown) => {
      throw fileError(path, error);
    });
    if (!found.isDirectory()) {
      paths.push(path);
      continue;
    }
    const names: readonly string[] = [...Object.values(componentFiles), ...Object.values(siteFiles)];
    const there = (await readdir(path)).filter((name) => names.includes(name)).sort();
    if (there.length === 0) {
      throw new VedetteError('config-invalid', `${path}: expected ${names.join(', ')} in this directory`);
    }
    paths.push(...there.map((name) => join(path, name)));
  }
  return paths;
}

function keyNames(rootKeys: number, kinds: readonly ComponentKind[]): string[] {
  return [...Array.from({ length: rootKeys }, (_, i) => `root-${i + 1}`), 'targets', 'snapshot', 'timestamp', ...kinds];
}

async function writeKeys(into: string, pairs: ReadonlyMap<string, KeyPair>): Promise<void> {
  await mkdir(into, { recursive: true, mode: 0o700 }).catch((error: unknown) => {
    throw fileError(into, error);
  });
  for (const [name, pair] of pairs) {
    await writeNew(join(into, `${name}.key`), pair.privateKeyPem, 0o600);
    await writeNew(join(into, `${name}.pub`), `${formatPublicKey(pair.publicKey)}\n`, 0o644);
  }
}

/** A file that was not there before: keys are never overwritten. */
async function writeNew(path: string, text: string, mode: number): Promise<void> {
  const file = await open(path, 'wx', mode).catch((error: unknown) => {
    throw fileError(path, error);
  });
  try {
    await file.writeFile(toUtf8(text));
    await file.sync();
  } finally {
    await file.close();
  }
}
