/** `vedette site`: what a site decides itself, as signed components: its lists and its action table. */
import { mkdir } from 'node:fs/promises';
import { VedetteError } from '../../base/errors.js';
import { compileActionTable, compileLists, type SiteOptions } from '../../compile.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import { readSigner } from '../input/keys.js';
import { nextGeneration } from '../input/making/next-generation.js';
import { siteFiles } from '../input/patterns.js';
import { fileError } from '../input/read-file.js';
import { readActionTable, readListRules } from '../input/making/site.js';
import { outputOptions } from '../output/options.js';
import { replaceFiles } from '../output/replace-files.js';
import { counted, sized } from '../output/text.js';

/** The command. */
export const siteCommand: Command = defineCommand({
  name: 'site',
  summary: "make components of a site's lists and of its action table",
  options: {
    lists: { kind: 'text', value: 'FILE', help: 'rules: a JSON list of {"id","effect":"approved|blocked","sha256|url|keyword|regex"}' },
    actions: { kind: 'text', value: 'FILE', help: 'JSON by type of threat: {"trojan":{"access":"block","remedy":"quarantine"},"other":…}' },
    out: { kind: 'text', value: 'DIR', help: `where ${siteFiles.lists} and ${siteFiles.actions} go`, required: true },
    key: { kind: 'text', value: 'FILE', help: "sign them with this private key, the site's own" },
    generation: { kind: 'whole', value: 'N', min: 0, max: Number.MAX_SAFE_INTEGER, help: 'number of this publication (as of `compile`)' },
    expiresDays: { kind: 'whole', value: 'N', min: 1, max: 3650, help: 'agents take them from a network for so long (30)' },
    quiet: outputOptions.quiet,
  },
  notes:
    'Agents get them from a repository (`vedette publish add DIR`) and apply the lists before anything else, the action table in the place ' +
    'of the default one. A local server is given the lists by `vedette serve --lists FILE`. A rule that cannot be used is an error.',
  async run({ options, io }) {
    if (options.lists === undefined && options.actions === undefined) {
      throw new VedetteError('config-invalid', 'site needs --lists FILE, --actions FILE or both');
    }
    const made = await components(options);
    await mkdir(options.out, { recursive: true }).catch((error: unknown) => {
      throw fileError(options.out, error);
    });
    await replaceFiles(options.out, made.map(({ name, bytes }) => [name, bytes] as const));
    for (const { name, bytes, holds } of options.quiet ? [] : made) {
      await io.line(`${name}: ${holds}, ${sized(bytes.length)}`);
    }
    return exitClean;
  },
});

interface Made {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly holds: string;
}

interface SiteInput {
  readonly lists: string | undefined;
  readonly actions: string | undefined;
  readonly out: string;
  readonly key: string | undefined;
  readonly generation: number | undefined;
  readonly expiresDays: number | undefined;
}

const dayMs = 24 * 3_600_000;

async function components(given: SiteInput): Promise<Made[]> {
  const createdAt = Date.now();
  const options: SiteOptions = {
    generation: given.generation ?? (await nextGeneration(given.out, Object.values(siteFiles))),
    createdAt,
    expiresAt: given.expiresDays === undefined ? undefined : createdAt + given.expiresDays * dayMs,
    signer: given.key === undefined ? undefined : await readSigner(given.key),
    crypto: createNodeCrypto(),
  };
  const made: Made[] = [];
  if (given.lists !== undefined) {
    const rules = await readListRules(given.lists);
    made.push({ name: siteFiles.lists, bytes: await compileLists(rules, options), holds: counted(rules.length, 'rule') });
  }
  if (given.actions !== undefined) {
    const table = await readActionTable(given.actions);
    made.push({ name: siteFiles.actions, bytes: await compileActionTable(table, options), holds: counted(Object.keys(table).length, 'type of threat', 'types of threats') });
  }
  return made;
}
