/**
 * In which line a subject waits: one for the URLs of each site, one for files, one for digests. Within a lane the
 * oldest comes first, and the lanes take turns (`table/lanes.ts`): ten thousand links to one site that floods the queue
 * do not keep a single file waiting (DESIGN rule 3).
 */
import type { NewPending } from './pending-queue.js';

/** The lane of a subject: its kind, and for a URL the last two labels of its host (no list of suffixes is at hand here). */
export function laneOf({ kind, url }: Pick<NewPending, 'kind' | 'url'>): string {
  return kind === 'url' && url !== undefined ? `url ${siteOf(url)}` : kind;
}

/** Cheap and total: it only keeps floods apart, and whatever is no host is a site like any other. */
function siteOf(url: string): string {
  const [, rest = url] = /^[a-z][a-z0-9+.-]*:\/*(.*)$/is.exec(url.slice(0, 2048)) ?? [];
  const authority = rest.slice(0, Math.max(0, rest.search(/[/?#\\]|$/)));
  const host = authority.slice(authority.lastIndexOf('@') + 1).replace(/:\d*$/, '').toLowerCase();
  return /^[\d.]+$/.test(host) || host.startsWith('[') ? host : host.split('.').slice(-2).join('.');
}
