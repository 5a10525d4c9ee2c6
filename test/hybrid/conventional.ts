/**
 * The comparator: one machine with all of S and full hashes, written as plainly as possible and sharing no code with
 * what it is compared with.
 */
import { digestOf, sizeOf, type Item } from './random-signatures.js';

export type HybridSubject = { readonly kind: 'file'; readonly content: string } | { readonly kind: 'url'; readonly url: string };

/** Names of the byte signatures that match. */
export function byteFinds(items: readonly Item[], subject: HybridSubject): string[] {
  return subject.kind === 'url' ? [] : items.flatMap((one) => (one.kind === 'bytes' && bytesMatch(one, subject.content) ? [one.name] : []));
}

/** Names (as reported) of the hash and URL entries that list the subject. */
export function listedFinds(items: readonly Item[], subject: HybridSubject): string[] {
  return items.flatMap((one) => (isListed(one, subject) ? [reportedName(one)] : []));
}

/** Digests and expressions that are listed under the subject's own, whatever their sizes: what a filter can know. */
export function maybeItems(items: readonly Item[], subject: HybridSubject): Item[] {
  return items.filter((one) => (one.kind === 'hash' ? isListed({ ...one, size: 'any' }, subject) : isListed(one, subject)));
}

export function isApproved(items: readonly Item[], subject: HybridSubject): boolean {
  return subject.kind === 'file' && items.some((one) => one.kind === 'allow' && hashMatches(one, subject.content));
}

function bytesMatch(one: Extract<Item, { kind: 'bytes' }>, content: string): boolean {
  const gap = { near: '[^]', any: '[^]*', far: '[^]{2,8}' }[one.joint];
  return new RegExp(one.parts.join(gap)).test(content);
}

function hashMatches(one: Extract<Item, { kind: 'hash' | 'allow' }>, content: string): boolean {
  const size = sizeOf(one);
  return digestOf({ content, algorithm: one.algorithm }) === digestOf(one) && (size === undefined || size === content.length);
}

function isListed(one: Item, subject: HybridSubject): boolean {
  if (one.kind === 'hash') {
    return subject.kind === 'file' && hashMatches(one, subject.content);
  }
  if (subject.kind === 'file' || (one.kind !== 'url' && one.kind !== 'domain')) {
    return false;
  }
  const entry = one.kind === 'url' ? new URL(one.target) : new URL(`http://${one.target}/`);
  const checked = new URL(subject.url);
  const hostFits = checked.hostname === entry.hostname || checked.hostname.endsWith(`.${entry.hostname}`);
  const whole = entry.pathname + entry.search;
  const pathFits =
    whole === checked.pathname + checked.search ||
    whole === checked.pathname ||
    (whole.endsWith('/') && checked.pathname.startsWith(whole));
  return hostFits && pathFits;
}

function reportedName(one: Item): string {
  return one.kind === 'url' ? `${one.name}.url` : one.kind === 'domain' ? `${one.name}.domain` : one.name;
}
