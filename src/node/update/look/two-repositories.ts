/**
 * A host of two repositories: the publisher's, and one of the site's own with its lists and its action table. Each has its own
 * root; what comes of one is switched to whether the other could be had or not.
 */
import type { Clock } from '../../../base/seams.js';
import { siteComponents } from '../../../update/subscription.js';
import type { GenerationStore } from '../generation-store.js';
import { lookFrom, type LookOptions, type Updater, type UpdateReport } from '../updater.js';

/** What looks where. */
export interface TwoRepositories {
  readonly publisher: Updater;
  readonly site: Updater;
  readonly store: Pick<GenerationStore, 'keepLook'>;
  readonly clock: Pick<Clock, 'now'>;
}

/** One updater over both: each component is looked for where it is published. */
export function joinUpdaters({ publisher, site, store, clock }: TwoRepositories): Updater {
  return {
    async look(look) {
      const own = look.components.filter((component) => siteComponents.includes(component));
      const others = look.components.filter((component) => !siteComponents.includes(component));
      if (own.length === 0 || others.length === 0) {
        return own.length === 0 ? publisher.look(look) : site.look(ofSite(look, own));
      }
      const first = await publisher.look({ ...look, components: others });
      const second = await site.look(ofSite(look, own));
      const report = joined(first, second);
      await store.keepLook(lookFrom(report, clock.now()));
      return report;
    },
  };
}

/** A profile's sources are the publisher's. */
function ofSite({ only: _, ...look }: LookOptions, components: LookOptions['components']): LookOptions {
  return { ...look, components };
}

function joined(first: UpdateReport, second: UpdateReport): UpdateReport {
  const kinds = [first.kind, second.kind];
  const source = first.source ?? second.source;
  return {
    kind: kinds.includes('failed') ? 'failed' : kinds.includes('updated') ? 'updated' : 'current',
    ...(source === undefined ? {} : { source }),
    updated: [...first.updated, ...second.updated],
    failed: [...first.failed, ...second.failed],
    heldBack: [...first.heldBack, ...second.heldBack],
    refused: [...first.refused, ...second.refused],
    targets: [...first.targets, ...second.targets],
  };
}
