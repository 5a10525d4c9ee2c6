/**
 * The rules of a site's signed lists that a server can apply: those by SHA-256, and those by URL with all its subdomains. A file
 * that is replaced while the server runs is read again.
 */
import { stat } from 'node:fs/promises';
import { fromHex, toUtf8 } from '../../base/bytes.js';
import { VedetteError } from '../../base/errors.js';
import type { Crypto } from '../../base/seams.js';
import { urlPort } from '../../fingerprint/url-canonical.js';
import { urlExpression } from '../../fingerprint/url-expressions.js';
import { openContainer, verifyContainer } from '../../pattern/container.js';
import { decodeLists, type ListRuleData } from '../../pattern/lists-pattern.js';
import { parsePublicKey } from '../../protocol/keys.js';
import type { SiteRule } from '../../server/with-site-lists.js';
import { maxPatternBytes, refusedFile } from '../input/patterns.js';
import { fileError, readLimitedFile } from '../input/read-file.js';

/** How a file of lists is read. */
export interface SiteRulesOptions {
  readonly crypto: Crypto;
  /** Public keys as texts; with any, only lists that one of them has signed are taken. */
  readonly trust: readonly string[];
  /** Told of a newer file that was not taken: what holds goes on holding. */
  onFault(error: unknown): void;
}

/** The rules in force. */
export interface SiteRulesInForce {
  rules(): readonly SiteRule[];
  close(): void;
}

const lookEveryMs = 2_000;

/** Reads a `lists` component, and reads it again when the file has changed. Older generations are refused. */
export async function followSiteRules(file: string, options: SiteRulesOptions): Promise<SiteRulesInForce> {
  let mark = await markOf(file);
  let inForce = await readSiteRules(file, options);
  async function look(): Promise<void> {
    const now = await markOf(file);
    if (now === mark) {
      return;
    }
    mark = now;
    const next = await readSiteRules(file, options);
    if (next.generation < inForce.generation) {
      throw new VedetteError('pattern-refused', `${file}: generation ${next.generation} is older than ${inForce.generation}, which is in force`, { detail: { cause: 'older' } });
    }
    inForce = next;
  }
  const looking = setInterval(() => void look().catch((error: unknown) => options.onFault(error)), lookEveryMs);
  looking.unref();
  return { rules: () => inForce.rules, close: () => clearInterval(looking) };
}

interface SiteRules {
  readonly generation: number;
  readonly rules: readonly SiteRule[];
}

async function readSiteRules(file: string, { crypto, trust }: Pick<SiteRulesOptions, 'crypto' | 'trust'>): Promise<SiteRules> {
  const bytes = await readLimitedFile(file, maxPatternBytes);
  try {
    if (trust.length > 0) {
      await verifyContainer(bytes, { crypto, trust: trust.map(parsePublicKey) });
    }
    const container = openContainer(bytes, { crypto });
    return { generation: container.generation, rules: decodeLists(container).flatMap((rule) => siteRule(rule, crypto) ?? []) };
  } catch (error) {
    throw refusedFile(file, error);
  }
}

async function markOf(file: string): Promise<string> {
  const { dev, ino, size, mtimeNs } = await stat(file, { bigint: true }).catch((error: unknown) => {
    throw fileError(file, error);
  });
  return [dev, ino, size, mtimeNs].join(':');
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
