/**
 * `vedette publish root|delegate|sign|show|install`: the steps of a root ceremony. What is made on the publishing machine is signed
 * on others, which need neither repository nor network, and comes back to be installed.
 */
import { basename, dirname } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import type { RepositoryLives, RoleKeys } from '../../node/publish/publishing.js';
import { installRoot, installTargets, prepareRoot, prepareTargets, signMetadata } from '../../node/publish/roles/root-ceremony.js';
import { ceremonyStatus } from '../../node/publish/status.js';
import { publish } from '../../node/publish/publish.js';
import type { ComponentKind } from '../../pattern/container-format.js';
import { parsePublicKey } from '../../protocol/keys.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean, exitUnknown } from '../exit-code.js';
import { readPublicKeys } from '../input/keys.js';
import { readLimitedFile } from '../input/read-file.js';
import { dated } from '../output/text.js';
import { replaceFiles } from '../output/replace-files.js';
import { componentKind, readSigners } from './publish.js';

const dayMs = 86_400_000;
const maxMetadataBytes = 4 * 1024 * 1024;

const common = {
  dir: { kind: 'text', value: 'DIR', help: 'the repository', required: true },
  out: { kind: 'text', value: 'FILE', help: 'where the file goes that is to be signed', required: true },
  expiresDays: { kind: 'whole', value: 'N', min: 1, max: 3650, help: 'how long it holds (365)' },
} as const;
const keyHelp = 'public key, as text or file';
const threshold = { kind: 'whole', value: 'M', min: 1, max: 20, help: 'of which so many have to sign (1)' } as const;

/** The next root. */
export const publishRootCommand: Command = defineCommand({
  name: 'publish root',
  summary: 'make the next root, to be signed',
  options: {
    ...common,
    rootKey: { kind: 'texts', value: 'KEY', help: keyHelp },
    rootThreshold: threshold,
    targetsKey: { kind: 'texts', value: 'KEY', help: keyHelp },
    targetsThreshold: threshold,
    snapshotKey: { kind: 'texts', value: 'KEY', help: keyHelp },
    timestampKey: { kind: 'texts', value: 'KEY', help: keyHelp },
  },
  notes: 'Roles whose keys are not given stay as they are; the first root needs all four. It takes enough signatures by the root keys before and by its own.',
  async run({ options, io }) {
    const role = async (keys: readonly string[], least?: number): Promise<RoleKeys | undefined> =>
      keys.length === 0 ? undefined : { keys: await publicKeys(keys), threshold: least };
    const roles = {
      root: await role(options.rootKey, options.rootThreshold),
      targets: await role(options.targetsKey, options.targetsThreshold),
      snapshot: await role(options.snapshotKey),
      timestamp: await role(options.timestampKey),
    };
    const given = Object.fromEntries(Object.entries(roles).filter(([, keys]) => keys !== undefined));
    await writeFile(options.out, await prepareRoot({ dir: options.dir, now: Date.now(), lives: livesOf('rootMs', options.expiresDays), roles: given }));
    await io.line(`${options.out}: have it signed (publish sign), then install it (publish install)`);
    return exitClean;
  },
});

/** Who speaks for which component. */
export const publishDelegateCommand: Command = defineCommand({
  name: 'publish delegate',
  summary: 'say who speaks for a component, to be signed',
  options: {
    ...common,
    component: { kind: 'text', value: 'KIND', help: 'the component' },
    key: { kind: 'texts', value: 'KEY', help: keyHelp },
    threshold,
    remove: { kind: 'texts', value: 'KIND', help: 'a component that nobody is to speak for any more' },
  },
  notes: 'Components that are not named stay as they are. The file takes the signatures of the targets keys. Publish the component again once its keys have changed.',
  async run({ options, io }) {
    const { dir, component, key } = options;
    if ((component === undefined) !== (key.length === 0)) {
      throw new VedetteError('config-invalid', '--component and --key go together');
    }
    const components = component === undefined ? {} : { [componentKind(component)]: { keys: await publicKeys(key), threshold: options.threshold } };
    const without: ComponentKind[] = options.remove.map(componentKind);
    const lives = livesOf('targetsMs', options.expiresDays);
    await writeFile(options.out, await prepareTargets({ dir, now: Date.now(), lives, components, without }));
    await io.line(`${options.out}: have it signed (publish sign), then install it (publish install)`);
    return exitClean;
  },
});

const file = { name: 'FILE', count: 'one' } as const;

/** On the machine that has the key. */
export const publishSignCommand: Command = defineCommand({
  name: 'publish sign',
  summary: 'sign a root or delegations',
  argument: file,
  options: { key: { kind: 'texts', value: 'FILE', help: 'private key' } },
  notes: 'Needs neither repository nor network. The file is replaced by the same one with your signature added. Look at it before you sign: `publish show`.',
  async run({ args: [path = ''], options, io }) {
    const signers = await readSigners(options.key);
    if (signers.length === 0) {
      throw new VedetteError('config-invalid', '--key FILE is missing: it is what signs');
    }
    await writeFile(path, await signMetadata(await readLimitedFile(path, maxMetadataBytes), signers));
    await io.line(`${path}: signed`);
    return exitClean;
  },
});

/** What is to be signed, and by whom it is already. */
export const publishShowCommand: Command = defineCommand({
  name: 'publish show',
  summary: 'show a root or delegations, and who has signed',
  argument: file,
  options: {
    dir: { kind: 'text', value: 'DIR', help: 'the repository, for the keys of its newest root' },
    json: { kind: 'switch', help: 'one JSON line' },
  },
  notes: 'Ends with status 3 while signatures are missing.',
  async run({ args: [path = ''], options, io }) {
    const bytes = await readLimitedFile(path, maxMetadataBytes);
    const status = await ceremonyStatus(bytes, options.dir === undefined ? {} : { dir: options.dir });
    const lines = [
      `${status.role} version ${status.version}, until ${dated(status.expiresAt)}`,
      ...status.signatures.map((one) => `  keys of ${one.by}: ${one.signed.length} of ${one.threshold} needed have signed${one.missing.map((id) => `\n    not yet ${id.slice(0, 16)}`).join('')}`),
      JSON.stringify(JSON.parse(new TextDecoder().decode(bytes)), undefined, 2),
    ];
    for (const line of options.json ? [JSON.stringify({ kind: 'ceremony', ...status })] : lines) {
      await io.line(line);
    }
    return status.signatures.every((one) => one.signed.length >= one.threshold) ? exitClean : exitUnknown;
  },
});

/** The end of a ceremony. */
export const publishInstallCommand: Command = defineCommand({
  name: 'publish install',
  summary: 'put a signed root or delegations into the repository',
  argument: file,
  options: { dir: common.dir, key: { kind: 'texts', value: 'FILE', help: 'private keys of snapshot and timestamp: publishes at once' } },
  notes: 'Give the keys of snapshot and timestamp whenever either of them changes: clients that know the new root believe the old ones no more.',
  async run({ args: [path = ''], options, io }) {
    const bytes = await readLimitedFile(path, maxMetadataBytes);
    const { role } = await ceremonyStatus(bytes);
    const signers = await readSigners(options.key);
    const [dir, now] = [options.dir, Date.now()];
    const version = role === 'root' ? await installRoot({ dir, now, root: bytes }) : await installTargets({ dir, now, targets: bytes });
    await io.line(`${role} version ${version} is in place`);
    if (signers.length > 0) {
      const report = await publish({ dir, now, components: [], signers });
      await io.line(`timestamp ${report.version}`);
    }
    return exitClean;
  },
});

async function publicKeys(names: readonly string[]): Promise<Uint8Array[]> {
  return (await readPublicKeys(names)).map(parsePublicKey);
}

function livesOf(name: keyof RepositoryLives, days: number | undefined): RepositoryLives {
  return days === undefined ? {} : { [name]: days * dayMs };
}

function writeFile(path: string, bytes: Uint8Array): Promise<void> {
  return replaceFiles(dirname(path), [[basename(path), bytes]]);
}
