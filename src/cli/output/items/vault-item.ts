/** One item of a vault, as a JSON line and for people. */
import type { Json } from '../../../base/seams.js';
import type { VaultItem } from '../../../node/vault/item.js';
import type { Colours } from '../colours.js';
import { counted, dated, printable, sized } from '../text.js';

/** Digits of an id that people are shown; any that name one item alone will do. */
const shownDigits = 12;

/** The JSON line: instants are epoch ms. */
export function vaultRecord(item: VaultItem): Json {
  const { state, id, size, quarantinedAt } = item;
  if (item.state === 'damaged') {
    return { kind: 'quarantined', state, id, size, at: quarantinedAt, why: item.why, detail: item.detail };
  }
  const { path, sha256, mode, uid, gid, mtimeMs, links } = item;
  const threats = item.threats.map(({ name }) => name).sort();
  return { kind: 'quarantined', state, id, path, sha256, size, threats, mode, uid, gid, mtimeMs, links, at: quarantinedAt };
}

/** The lines: when and why, where it was, and the id to restore it by. */
export function vaultLines(item: VaultItem, how: { readonly colours: Colours }): string[] {
  const { colours } = how;
  const when = dated(item.quarantinedAt);
  const id = `  id ${item.id.slice(0, shownDigits)}`;
  if (item.state === 'damaged') {
    return [`${when}  ${colours.bad('cannot be opened')} · ${sized(item.size)}`, `  ${printable(item.detail)}`, colours.quiet(id)];
  }
  const names = item.threats.map(({ name }) => printable(name)).join(', ');
  const links = item.links > 1 ? ` · ${counted(item.links - 1, 'other hard link')} when it was taken` : '';
  const state = item.state === 'moving' ? ` · ${colours.doubtful('interrupted: the original may still be there')}` : '';
  return [`${when}  ${names === '' ? 'no name' : names} · ${sized(item.size)}${links}${state}`, `  ${printable(item.path)}`, colours.quiet(id)];
}
