/** Pieces of pages: tables, and the parts of a page that the bench writes. */

/** A table; the first column to the left, the others to the right. */
export function markdownTable(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const rule = head.map((_, i) => (i === 0 ? '---' : '---:'));
  return [head, rule, ...rows].map((cells) => `| ${cells.join(' | ')} |\n`).join('');
}

/**
 * The page with the text of a part replaced: what is between `<!-- bench:NAME -->` and `<!-- /bench:NAME -->`.
 * @throws Error when the page has no such part.
 */
export function withPart(page: string, { name, text }: { readonly name: string; readonly text: string }): string {
  const [begin, end] = [`<!-- bench:${name} -->\n`, `<!-- /bench:${name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) {
    throw new Error(`the page has no part ${name}`);
  }
  return `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`;
}
