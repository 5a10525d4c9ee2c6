/** `vedette update`: newer components into a data directory, or back to earlier ones. What runs on the directory follows. */
import { join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import { lowestPriority } from '../../node/own-priority.js';
import { createDirectoryHost, type DirectoryHost } from '../../node/update/directory-host.js';
import { openGenerationStore, type GenerationStore } from '../../node/update/generation-store.js';
import { readRoot } from '../../node/update/open-upkeep.js';
import { createUpdater, type UpdateReport } from '../../node/update/updater.js';
import { componentKinds, type ComponentKind } from '../../pattern/container-format.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { parsePublicKey } from '../../protocol/keys.js';
import type { UpdateSource } from '../../update/sources.js';
import { componentsOf } from '../../update/subscription.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean, exitFailed } from '../exit-code.js';
import type { Io } from '../io.js';
import { readPublicKeys } from '../input/keys.js';
import { outputOptions } from '../output/options.js';
import { serveUpdates } from '../serve/update-files.js';
import { sized } from '../output/text.js';

const roles = ['agent', 'server'] as const;

/** The command. */
export const updateCommand: Command = defineCommand({
  name: 'update',
  summary: 'bring a data directory up to date, or take it back',
  options: {
    data: { kind: 'text', value: 'DIR', help: 'the data directory; engines and servers that run on it follow', required: true },
    source: { kind: 'texts', value: 'URL', help: 'a repository; the first that can be believed counts. Not HTTPS: a source of your own' },
    relay: { kind: 'texts', value: 'URL', help: 'another agent or server that passes on what it has (update --serve); asked before' },
    root: { kind: 'text', value: 'FILE', help: 'root.json of the publisher, as it was handed over' },
    trust: { kind: 'texts', value: 'KEY.pub', help: 'take only components signed by this key' },
    role: { kind: 'choice', values: roles, help: 'agent: agent pattern, filter, lists, action table; server: server pattern (agent)' },
    component: { kind: 'texts', value: 'KIND', help: 'only these of the components of the role' },
    wait: { kind: 'whole', value: 'SECONDS', min: 0, max: 3600, help: 'for another process that is updating (60)' },
    priority: { kind: 'whole', value: 'N', min: 0, max: lowestPriority, help: 'with --role server: of this process, 19 the lowest (19); 0 leaves it as it is' },
    keepFiles: { kind: 'switch', help: 'keep the files as they came, deltas too, for --serve' },
    serve: { kind: 'switch', help: 'pass on what is here to others, as a source of theirs, until stopped' },
    host: { kind: 'text', value: 'ADDRESS', help: 'with --serve: where to listen (127.0.0.1)' },
    port: { kind: 'whole', value: 'N', min: 0, max: 65_535, help: 'with --serve: port; 0 is any free one (0)' },
    maxSpeed: { kind: 'whole', value: 'KB', min: 64, max: 10_000_000, help: 'with --serve: kilobytes a second, all downloads together (8389)' },
    rollback: { kind: 'switch', help: 'back to the generation before; what is gone back from is not taken again' },
    generation: { kind: 'whole', value: 'N', min: 0, max: Number.MAX_SAFE_INTEGER, help: 'with --rollback: to this one' },
    json: outputOptions.json,
  },
  notes:
    'All components of a call are switched to together, or none. Seven generations before the one in use are kept. See also `vedette inspect DIR`. ' +
    'The first line of --serve is {"listening":URL}; it needs --root, only reads, and follows what is updated meanwhile. Nobody has to trust it.',
  async run({ options, io }) {
    if (options.serve) {
      return serveUpdates(options, io);
    }
    if (options.role === 'server') {
      // Those that answer on this machine go first.
      io.lowerPriority?.(options.priority ?? lowestPriority);
    }
    const clock = createSystemClock();
    const store = openGenerationStore({ dir: join(options.data, 'patterns'), clock });
    const trust = (await readPublicKeys(options.trust)).map(parsePublicKey);
    const host = createDirectoryHost({ dataDir: options.data, store, clock, trust, onFault: (error) => io.note(`vedette: ${String(error)}`) });
    const components = componentsFor(options.role ?? 'agent', options.component);
    if (options.rollback) {
      return rollBack({ store, host }, { components, generation: options.generation, json: options.json }, io);
    }
    const sources = [...options.relay.map((url): UpdateSource => ({ url, scope: 'relay' })), ...options.source.map(sourceOf)];
    if (options.root === undefined || sources.length === 0 || trust.length === 0) {
      throw new VedetteError('config-invalid', 'update needs --source URL, --root FILE and --trust KEY.pub, or --rollback, or --serve');
    }
    const updater = createUpdater({ store, root: await readRoot(options.root), sources, clock, keepTargets: options.keepFiles });
    const report = await updater.look({
      components,
      signal: io.signal,
      waitMs: (options.wait ?? 60) * 1000,
      install: (containers, deltas) => host.install(containers, deltas),
    });
    // A process that was killed after its switch may have left the servers' store behind.
    await host.serve();
    await tell(report, options.json, io);
    return report.kind === 'failed' ? exitFailed : exitClean;
  },
});

/** A source that is not asked over HTTPS is one of the customer's own: signatures say whom to believe. */
function sourceOf(url: string): UpdateSource {
  return { url, scope: /^https:/i.test(url) ? 'origin' : 'customer' };
}

function componentsFor(role: (typeof roles)[number], named: readonly string[]): readonly ComponentKind[] {
  const own = componentsOf(role);
  const unknown = named.find((name) => !componentKinds.some((kind) => kind === name));
  if (unknown !== undefined) {
    throw new VedetteError('config-invalid', `--component ${unknown}: expected one of ${componentKinds.join(', ')}`);
  }
  const foreign = named.find((name) => !own.some((kind) => kind === name));
  if (foreign !== undefined) {
    throw new VedetteError('config-invalid', `--component ${foreign} is none of role ${role}, which takes ${own.join(', ')}`);
  }
  return named.length === 0 ? own : own.filter((kind) => named.includes(kind));
}

async function rollBack(
  on: { readonly store: GenerationStore; readonly host: DirectoryHost },
  what: { readonly components: readonly ComponentKind[]; readonly generation: number | undefined; readonly json: boolean },
  io: Io,
): Promise<typeof exitClean> {
  const before = await on.store.generations();
  const kinds = what.components.filter((kind) => (before.components[kind]?.previous.length ?? 0) > 0);
  if (kinds.length === 0) {
    throw new VedetteError('unsupported', `no earlier generation of ${what.components.join(', ')} is kept: there is nothing to go back to`);
  }
  for (const component of kinds) {
    const from = before.components[component]?.current.generation ?? 0;
    const to = (await on.store.rollback(component, what.generation)).components[component]?.current.generation ?? 0;
    await io.line(what.json ? JSON.stringify({ kind: 'rolled-back', component, from, to }) : `${component}: back from generation ${from} to ${to}`);
  }
  await on.host.serve();
  return exitClean;
}

async function tell(report: UpdateReport, json: boolean, io: Io): Promise<void> {
  if (json) {
    const lines = [
      ...report.updated.map((one) => ({ kind: 'updated', ...one })),
      ...report.refused.map((one) => ({ kind: 'refused', ...one })),
      { kind: 'summary', outcome: report.kind, source: report.source ?? null, failed: report.failed, heldBack: report.heldBack, targets: report.targets },
    ];
    for (const line of lines) {
      await io.line(JSON.stringify(line));
    }
    return;
  }
  for (const { component, from, to, by, bytes } of report.updated) {
    await io.line(`${component}: ${from === undefined ? '' : `generation ${from} to `}${from === undefined ? 'generation ' : ''}${to}, ${sized(bytes)} (${by})`);
  }
  for (const { source, cause, message } of report.refused) {
    io.note(`vedette: ${source}: ${cause}: ${message}`);
  }
  if (report.kind === 'current') {
    await io.line(`up to date with ${report.source ?? 'what is kept'}`);
  }
  if (report.heldBack.length > 0) {
    io.note(`vedette: held back with it: ${report.heldBack.join(', ')}`);
  }
}
