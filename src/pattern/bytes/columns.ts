/** A column of unsigned numbers in as few bytes each as the largest of them needs, read in place. */
import type { ByteReader } from './byte-reader.js';

/** Numbers by index. `at(i)` is not checked: `i` has to be below the count that the column was opened with. */
export interface Column {
  at(index: number): number;
}

/** Bytes that numbers up to `max` need: 0 for a column in which only 0 can stand. */
export function widthFor(max: number): number {
  let width = 0;
  for (let rest = max; rest > 0; rest = Math.floor(rest / 256)) {
    width++;
  }
  return width;
}

/** Opens `count` little-endian numbers of `width` bytes (0 to 7). */
export function openColumn(reader: ByteReader, shape: { readonly count: number; readonly width: number }): Column {
  const { count, width } = shape;
  const bytes = reader.bytes(count * width);
  return {
    at(index) {
      let value = 0;
      for (let i = width - 1; i >= 0; i--) {
        value = value * 256 + bytes[index * width + i]!;
      }
      return value;
    },
  };
}
