/**
 * A second product in the same process: both share patterns, cache, queue and questions, and differ in policy, lists
 * and hands. The host owns the engine; each product gets one derived from it, under a name of its own.
 */
import { createHostLists, createPolicy } from 'vedette';
import { createNodeEngine } from 'vedette/node';
import type { NodeConfig } from 'vedette/node';
import type { ActionHandler, Checker, Engine, ListRule, Policy } from 'vedette';

/** What a product brings. Its name owns its pending entries: keep it over restarts. */
export interface Product {
  readonly name: string;
  readonly policy: Policy;
  readonly rules: readonly ListRule[];
  readonly actions: ActionHandler;
}

/** The shared engine, and what each product gets to see of it. */
export interface SharedProtection {
  readonly checkers: ReadonlyMap<string, Checker>;
  /** Entries that belong to none of the products: left by one that was removed. */
  orphaned(): Promise<number>;
  close(): Promise<void>;
}

/** One engine for all products of the process. */
export function protectTogether(config: NodeConfig, products: readonly Product[]): SharedProtection {
  const shared = createNodeEngine(config);
  const derived = products.map((product) => deriveFor(shared, product));
  return {
    checkers: new Map(products.map(({ name }, i): [string, Checker] => [name, derived[i] ?? shared])),
    orphaned: async () => (await shared.pending.counts()).orphaned - (await ownEntries(derived)),
    async close() {
      await Promise.all(derived.map((engine) => engine.close()));
      await shared.close();
    },
  };
}

function deriveFor(shared: Engine, product: Product): Engine {
  return shared.derive({
    name: product.name,
    policy: product.policy,
    lists: createHostLists({ rules: product.rules }),
    actions: product.actions,
    limits: { maxConcurrent: 4 },
  });
}

/** A backup product: it reads everything at night and must not be stopped by a server that is away. */
export const backupPolicy: Policy = (facts) =>
  facts.verdict.disposition === 'unknown' ? { access: 'allow', remedy: 'none' } : createPolicy('gateway')(facts);

async function ownEntries(engines: readonly Engine[]): Promise<number> {
  const counts = await Promise.all(engines.map((engine) => engine.pending.counts()));
  return counts.reduce((sum, { due, claimed, dead, waiting = 0 }) => sum + due + claimed + dead + waiting, 0);
}
