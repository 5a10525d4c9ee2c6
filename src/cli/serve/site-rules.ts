/** The rules of a site's signed lists that a server can apply: those by SHA-256, and those by URL with all its subdomains. */
import { fromHex, toUtf8 } from '../../base/bytes.js';
import type { Crypto } from '../../base/seams.js';
import { urlPort } from '../../fingerprint/url-canonical.js';
import { urlExpression } from '../../fingerprint/url-expressions.js';
import { openContainer, verifyContainer } from '../../pattern/container.js';
import { decodeLists, type ListRuleData } from '../../pattern/lists-pattern.js';
import { parsePublicKey } from '../../protocol/keys.js';
import type { SiteRule } from '../../server/with-site-lists.js';
import { maxPatternBytes, refusedFile } from '../input/patterns.js';
import { readLimitedFile } from '../input/read-file.js';

/** Reads a `lists` component. With trusted keys, only one that is signed by one of them. */
export async function readSiteRules(file: string, options: { readonly crypto: Crypto; readonly trust: readonly string[] }): Promise<SiteRule[]> {
  const bytes = await readLimitedFile(file, maxPatternBytes);
  try {
    if (options.trust.length > 0) {
      await verifyContainer(bytes, { crypto: options.crypto, trust: options.trust.map(parsePublicKey) });
    }
    return decodeLists(openContainer(bytes, options)).flatMap((rule) => siteRule(rule, options.crypto) ?? []);
  } catch (error) {
    throw refusedFile(file, error);
  }
}

/** Undefined for what cannot be told from four bytes: keywords, expressions, patterns, single hosts and ports. */
function siteRule(rule: ListRuleData, crypto: Pick<Crypto, 'sha256'>): SiteRule | undefined {
  const { effect, untilAt } = rule;
  if (rule.sha256 !== undefined) {
    return { kind: 'file', hash: fromHex(rule.sha256) ?? new Uint8Array(32), effect, untilAt };
  }
  if (rule.url === undefined || rule.exactHost === true || rule.url.includes('*') || urlPort(rule.url)?.named === true) {
    return undefined;
  }
  const expression = urlExpression(rule.url);
  return expression === undefined ? undefined : { kind: 'url', hash: crypto.sha256(toUtf8(expression)), effect, untilAt };
}
