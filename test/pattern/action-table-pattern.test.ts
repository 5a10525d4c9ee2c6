import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeActionTable, encodeActionTable, type ActionRowData, type ActionTableData } from '../../src/pattern/action-table-pattern.js';
import type { Container } from '../../src/pattern/container.js';
import { causeOf, head } from './fixtures.js';

const runs = { numRuns: Number(process.env['FUZZ_RUNS'] ?? 100) };
const access = fc.constantFrom('allow' as const, 'warn' as const, 'hold' as const, 'block' as const);
const remedy = fc.constantFrom('none' as const, 'quarantine' as const, 'delete' as const, 'rename' as const);
const optional = { requiredKeys: [] };
const later = fc.record({ access, remedy, second: remedy }, optional).filter((one) => Object.keys(one).length > 0);
const row: fc.Arbitrary<ActionRowData> = fc.record({ access, remedy, second: remedy, late: later, retro: later }, { requiredKeys: ['access', 'remedy'] });
const name = fc.stringMatching(/^[a-z0-9][a-z0-9-]{0,63}$/).filter((one) => !(one in {}) && one !== 'other');
const table: fc.Arbitrary<ActionTableData> = fc
  .tuple(fc.dictionary(name, row, { maxKeys: 10, noNullPrototype: true }), row)
  .map(([rows, other]): ActionTableData => ({ ...rows, other }));

const containerOf = (bytes: Uint8Array): Container => ({ ...head, kind: 'action-table', formatVersion: 1, sections: new Map([['actions', bytes]]), byteLength: 0 });
const bytesOf = (rows: ActionTableData): Uint8Array => encodeActionTable(rows)[0]![1];
const other: ActionRowData = { access: 'block', remedy: 'quarantine' };

describe('an action table as a component', () => {
  it('gives back its rows, whatever their order', () => {
    fc.assert(
      fc.property(table, (rows) => {
        expect(decodeActionTable(containerOf(bytesOf(rows)))).toEqual(rows);
        expect(bytesOf({ ...Object.fromEntries(Object.entries(rows).reverse()), other: rows.other })).toEqual(bytesOf(rows));
      }),
      runs,
    );
  });

  it('reads or refuses, whatever the bytes', () => {
    fc.assert(
      fc.property(table, fc.array(fc.tuple(fc.nat(), fc.nat(255)), { maxLength: 3 }), fc.nat(), (rows, changes, cut) => {
        const bytes = bytesOf(rows);
        const mutated = bytes.slice(0, cut % 2 === 0 ? bytes.length : cut % bytes.length);
        for (const [at, value] of mutated.length === 0 ? [] : changes) {
          mutated[at % mutated.length] = value;
        }
        expect(['accepted', 'truncated', 'malformed', 'limit', 'version']).toContain(causeOf(() => decodeActionTable(containerOf(mutated))));
      }),
      { numRuns: 3 * runs.numRuns },
    );
  });

  it.each<[string, unknown]>([
    ['no row for other types', { trojan: other }],
    ['a row without a remedy', { other: { access: 'block' } }],
    ['an access that is none', { other: { access: 'perhaps', remedy: 'none' } }],
    ['a later remedy that is none', { other: { ...other, late: { remedy: 'burn' } } }],
    ['a type in capitals', { other, Trojan: other }],
    ['a type that every object has', { other, constructor: other }],
    ['a type of 65 characters', { other, ['x'.repeat(65)]: other }],
    ['more than 1000 rows', { other, ...Object.fromEntries(Array.from({ length: 1000 }, (_, i) => [`t${i}`, other])) }],
  ])('is not made with %s', (_, bad) => {
    expect(() => encodeActionTable(bad as ActionTableData)).toThrow();
  });

  it('takes types up to 64 characters and 1000 rows', () => {
    const full: ActionTableData = { other, ['x'.repeat(64)]: other, ...Object.fromEntries(Array.from({ length: 998 }, (_, i) => [`t${i}`, other])) };
    expect(Object.keys(decodeActionTable(containerOf(bytesOf(full))))).toHaveLength(1000);
  });

  it.each<[string, readonly number[], string]>([
    ['another version', [2, 0, 0], 'version'],
    ['no rows', [1, 0, 0], 'malformed'],
    ['more rows than allowed', [1, 0xff, 0xff], 'limit'],
    ['a row twice', [1, 2, 0, 1, 97, 6, 0, 0, 1, 97, 6, 0, 0], 'malformed'],
    ['a decision that is none', [1, 1, 0, 5, ...Buffer.from('other'), 125, 0, 0], 'malformed'],
    ['a row without an access', [1, 1, 0, 5, ...Buffer.from('other'), 5, 0, 0], 'malformed'],
    ['a byte too many', [1, 1, 0, 5, ...Buffer.from('other'), 6, 0, 0, 0], 'malformed'],
    ['what it should be', [1, 1, 0, 5, ...Buffer.from('other'), 6, 0, 0], 'accepted'],
  ])('of %s', (_, bytes, cause) => {
    expect(causeOf(() => decodeActionTable(containerOf(Uint8Array.from(bytes))))).toBe(cause);
  });

  it('is refused as another component', () => {
    expect(causeOf(() => decodeActionTable({ ...containerOf(bytesOf({ other })), kind: 'lists' }))).toBe('kind');
  });
});
