/** All definitions, in the order in which they are run, each closed over the type of its input. */
import type { BenchContext, Definition } from '../definition.js';
import type { HostEngine } from '../host-engine.js';
import { withHosts } from '../host-engine.js';
import { measure } from '../measure/measure.js';
import type { Plan } from '../measure/plan.js';
import type { DefinitionResult } from '../measure/result.js';
import { cacheGet, cacheSet } from './cache.js';
import { filter100k, filter1m } from './filter.js';
import { link1, link100 } from './link.js';
import { query1, query100 } from './query.js';
import { queueDisk1, queueDisk100, queueDiskFlag1, queueDiskFlag5k, queueMemory } from './queue.js';
import { scan10k, scan1k } from './scan.js';
import { serverHits, serverMisses } from './server.js';
import { serverStore100, serverStore1000, serverStoreMisses } from './server-store.js';
import { treeAgain, treeAgainCommand, treeFirstCommand } from './tree.js';
import { url100k, url1m } from './url.js';

/** A definition that can be run without knowing its input. */
export interface Bench {
  readonly name: string;
  readonly analysis: string;
  readonly baseline: string;
  readonly engines: readonly string[];
  run(options: { readonly hosts: readonly HostEngine[]; readonly context: BenchContext; readonly plan: Plan }): Promise<DefinitionResult>;
}

/** Every definition. */
export const benches: readonly Bench[] = [
  bench(scan1k),
  bench(scan10k),
  bench(filter100k),
  bench(filter1m),
  bench(url100k),
  bench(url1m),
  bench(cacheGet),
  bench(cacheSet),
  bench(query1),
  bench(query100),
  bench(link1),
  bench(link100),
  bench(serverHits),
  bench(serverMisses),
  bench(serverStore100),
  bench(serverStore1000),
  bench(serverStoreMisses),
  bench(queueMemory),
  bench(queueDisk1),
  bench(queueDisk100),
  bench(queueDiskFlag1),
  bench(queueDiskFlag5k),
  bench(treeFirstCommand),
  bench(treeAgain),
  bench(treeAgainCommand),
];

function bench<Input>(definition: Definition<Input>): Bench {
  const { name, analysis, baseline, engines } = definition;
  return {
    name,
    analysis,
    baseline,
    engines: engines.map((engine) => engine.name),
    run: ({ hosts, context, plan }) => measure(definition, { engines: withHosts(definition, hosts), context, plan }),
  };
}
