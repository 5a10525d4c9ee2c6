/**
 * What a site decides itself, as signed components: its lists and its action table. The same rules and options give the same
 * bytes.
 */
import type { Crypto, Signer } from '../base/seams.js';
import { encodeActionTable, type ActionTableData } from '../pattern/action-table-pattern.js';
import { buildContainer, type ComponentKind } from '../pattern/container.js';
import { encodeLists, type ListRuleData } from '../pattern/lists-pattern.js';

/** How a site's component is made; the public `SiteOptions` say what each of these means. */
export interface SiteSettings {
  readonly generation: number;
  readonly createdAt: number;
  readonly expiresAt?: number | undefined;
  readonly periodMs?: number | undefined;
  readonly signer?: Signer | undefined;
  readonly crypto: Pick<Crypto, 'sha256'>;
}

const dayMs = 24 * 3_600_000;
const defaultLifeMs = 30 * dayMs;
/** Sites change their lists when they have to, not by the hour. */
const defaultPeriodMs = 7 * dayMs;

/** A `lists` component. @throws TypeError, RangeError for a rule that cannot be and for an id that is there twice. */
export function buildLists(rules: readonly ListRuleData[], settings: SiteSettings): Promise<Uint8Array> {
  return build('lists', encodeLists(rules), settings);
}

/** An `action-table` component. @throws TypeError, RangeError for a table that cannot be. */
export function buildActionTable(table: ActionTableData, settings: SiteSettings): Promise<Uint8Array> {
  return build('action-table', encodeActionTable(table), settings);
}

function build(kind: ComponentKind, sections: [string, Uint8Array][], settings: SiteSettings): Promise<Uint8Array> {
  const { generation, createdAt, expiresAt = createdAt + defaultLifeMs, periodMs = defaultPeriodMs, crypto, signer } = settings;
  return buildContainer({ head: { kind, generation, createdAt, expiresAt, periodMs }, sections, crypto, signer });
}
