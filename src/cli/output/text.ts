/** Text for people: names from outside made harmless, numbers grouped, lines kept within the width. */

/**
 * The text with everything that a terminal or a reader could be misled by made visible: control and format characters
 * (escape sequences, line ends, bidirectional overrides, zero-width ones) and halves of surrogate pairs.
 */
export function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, (character) => {
    const code = character.codePointAt(0) ?? 0;
    return code < 0x100 ? `\\x${code.toString(16).padStart(2, '0')}` : `\\u{${code.toString(16)}}`;
  });
}

/** `12,345`. Of whole numbers; by hand, since the first `toLocaleString` of a process takes 10 ms. */
export function grouped(value: number): string {
  return String(value).replaceAll(/\B(?=(?:\d{3})+$)/g, ',');
}

/** `1 file`, `12,345 files`. */
export function counted(count: number, one: string, many: string = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : many}`;
}

/** Bytes in decimal units: `812 bytes`, `1.2 MB`. */
export function sized(bytes: number): string {
  const units = ['kB', 'MB', 'GB', 'TB', 'PB'];
  let value = bytes / 1000;
  let unit = 0;
  if (value < 1) {
    return counted(bytes, 'byte');
  }
  // What would be shown as 1000.0 is 1.0 of the next unit.
  while (value >= 999.95 && unit < units.length - 1) {
    value /= 1000;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit] ?? ''}`;
}

/** An instant (epoch ms) as `2025-01-31 12:00:00 UTC`. */
export function dated(instant: number): string {
  const date = new Date(instant);
  return Number.isNaN(date.getTime()) ? 'never' : `${date.toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** Between words that are not to be parted; printed as a space. */
export const noBreak = '\u00a0';

/** Words on indented lines of at most `width` columns; a word that is longer stands alone. */
export function wrapped(text: string, width: number, indent: string): string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    const longer = line === '' ? word : `${line} ${word}`;
    if (line !== '' && indent.length + longer.length > width) {
      lines.push(indent + line);
      line = word;
      continue;
    }
    line = longer;
  }
  return [...lines, indent + line].map((one) => one.replaceAll(noBreak, ' '));
}

/** Rows as lines with aligned columns; a column of numbers (`right`) is aligned to the right. The last one runs free. */
export function tabulated(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return right.includes(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}
