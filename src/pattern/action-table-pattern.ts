/** What a site does about which type of threat, as a component. docs/patterns.md, "Action table". */
import { assertInteger } from '../base/assert.js';
import { fromLatin1, toLatin1 } from '../base/bytes.js';
import type { Access, Decision, Remedy } from '../base/verdict.js';
import { ByteReader } from './bytes/byte-reader.js';
import { ByteWriter } from './bytes/byte-writer.js';
import type { Container } from './container.js';
import { requireSection } from './container.js';
import { refused } from './refused.js';

/** What is done about one type of threat. */
export interface ActionRowData extends Decision {
  /** What differs for what a server finds later. */
  readonly late?: Partial<Decision>;
  /** What differs for what is found long after it was judged. */
  readonly retro?: Partial<Decision>;
}

/** Rows by type of threat; `other` is for every type without one. */
export type ActionTableData = Readonly<Record<string, ActionRowData>> & { readonly other: ActionRowData };

const formatVersion = 1;
const maxRows = 1000;
const accesses: readonly Access[] = ['allow', 'warn', 'hold', 'block'];
const remedies: readonly Remedy[] = ['none', 'quarantine', 'delete', 'rename'];
/** Each part of a decision is a digit: 0 where nothing is said, else the place in its list plus 1. */
const digits = 5;

/**
 * The sections of an action table. The same rows, in any order, give the same bytes.
 * @throws TypeError, RangeError for a table that cannot be.
 */
export function encodeActionTable(table: ActionTableData): [string, Uint8Array][] {
  const names = Object.keys(table).sort();
  assertInteger('rows of an action table', names.length, { min: 1, max: maxRows });
  if (!Object.hasOwn(table, 'other')) {
    throw new TypeError('an action table needs a row "other", for every type that has none');
  }
  const writer = new ByteWriter();
  writer.u8(formatVersion);
  writer.u16(names.length);
  for (const name of names) {
    if (!isThreatType(name)) {
      throw new TypeError(`${JSON.stringify(name)} is no type of threat: expected a to z, digits and hyphens, at most 64`);
    }
    const { late = {}, retro = {}, ...now } = table[name] ?? table.other;
    writer.u8(name.length);
    writer.bytes(fromLatin1(name));
    [now, late, retro].forEach((one, index) => writer.u8(codeOf(one, { row: name, whole: index === 0 })));
  }
  return [['actions', writer.finish()]];
}

/** The rows. @throws VedetteError `pattern-refused` for another component or rows that are none. */
export function decodeActionTable(container: Container): ActionTableData {
  const reader = new ByteReader(requireSection(container, 'action-table', 'actions'), 'actions');
  const version = reader.u8();
  if (version !== formatVersion) {
    throw refused('version', `actions: version ${version} is not known here`, { version });
  }
  const count = reader.u16();
  if (count > maxRows) {
    throw refused('limit', `actions: ${count} rows are more than ${maxRows}`, { max: maxRows });
  }
  const rows: [string, ActionRowData][] = [];
  for (let left = count; left > 0; left--) {
    const name = toLatin1(reader.bytes(reader.u8()));
    if (!isThreatType(name) || name <= (rows.at(-1)?.[0] ?? '')) {
      throw refused('malformed', 'actions: types of threats are not plain, sorted and unique', { at: reader.at });
    }
    rows.push([name, readRow(reader)]);
  }
  reader.end();
  const other = rows.find(([name]) => name === 'other')?.[1];
  if (other === undefined) {
    throw refused('malformed', 'actions: there is no row for other types of threats');
  }
  return { ...Object.fromEntries(rows), other };
}

/** Not one of the names that every object answers to. */
function isThreatType(name: string): boolean {
  return /^[a-z0-9][a-z0-9-]{0,63}$/.test(name) && !(name in {});
}

function codeOf({ access, remedy, second }: Partial<Decision>, of: { readonly row: string; readonly whole: boolean }): number {
  const places = [placeIn(accesses, access), placeIn(remedies, remedy), placeIn(remedies, second)] as const;
  const isSaid = [access, remedy, second].every((value, i) => value === undefined || places[i] !== 0);
  if (!isSaid || (of.whole && (places[0] === 0 || places[1] === 0))) {
    throw new TypeError(`row ${of.row}: expected an access (${accesses.join(', ')}) and a remedy (${remedies.join(', ')})`);
  }
  return places[0] + digits * places[1] + digits * digits * places[2];
}

function placeIn<T>(list: readonly T[], value: T | undefined): number {
  return value === undefined ? 0 : list.indexOf(value) + 1;
}

function readRow(reader: ByteReader): ActionRowData {
  const { access, remedy, ...more } = decisionOf(reader);
  if (access === undefined || remedy === undefined) {
    throw refused('malformed', 'actions: a row without access or remedy', { at: reader.at });
  }
  const [late, retro] = [decisionOf(reader), decisionOf(reader)];
  return { access, remedy, ...more, ...(isEmpty(late) ? {} : { late }), ...(isEmpty(retro) ? {} : { retro }) };
}

function decisionOf(reader: ByteReader): Partial<Decision> {
  const code = reader.u8();
  if (code >= digits ** 3) {
    throw refused('malformed', `actions: decision ${code} is not known here`, { at: reader.at });
  }
  const access = accesses[(code % digits) - 1];
  const remedy = remedies[(Math.floor(code / digits) % digits) - 1];
  const second = remedies[Math.floor(code / digits ** 2) - 1];
  return {
    ...(access === undefined ? {} : { access }),
    ...(remedy === undefined ? {} : { remedy }),
    ...(second === undefined ? {} : { second }),
  };
}

function isEmpty(value: object): boolean {
  return Object.keys(value).length === 0;
}
