/** Rows of one table into another: as they are where both have the same layout, else one by one. */
import { sizeOf, writeUint } from '../row-layout.js';
import type { StoredRows } from '../stored/stored-rows.js';
import type { GroupWriter } from './table-writer.js';

const rowsPerStep = 16_384;

/** Copies the rows [from, to), with a pause after every 16,384. */
export function* copyRows(
  rows: StoredRows,
  { from, to, into }: { readonly from: number; readonly to: number; readonly into: GroupWriter },
): Generator<void, void> {
  const { rowBytes } = rows.layout;
  for (let row = from; row < to; row += rowsPerStep) {
    const bytes = rows.run.slice(row * rowBytes, Math.min(to, row + rowsPerStep) * rowBytes);
    into.append(rows.layout.sizeWidth === into.layout.sizeWidth ? bytes : widened(bytes, rows, into));
    if (to - row > rowsPerStep) {
      yield;
    }
  }
}

/** The same rows with a wider size. */
function widened(bytes: Uint8Array, { layout }: StoredRows, into: GroupWriter): Uint8Array {
  const count = bytes.length / layout.rowBytes;
  const wide = new Uint8Array(count * into.layout.rowBytes);
  const common = layout.rowBytes - layout.sizeWidth;
  for (let i = 0; i < count; i++) {
    const [from, to] = [i * layout.rowBytes, i * into.layout.rowBytes];
    wide.set(bytes.subarray(from, from + common), to);
    const size = sizeOf(bytes, from, layout);
    writeUint(wide, to + common, { value: size === undefined ? 0 : size + 1, width: into.layout.sizeWidth });
  }
  return wide;
}
