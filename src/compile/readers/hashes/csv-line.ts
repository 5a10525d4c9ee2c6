/** One line of a table: fields parted by one of the usual characters, quoted where they hold it (RFC 4180). */

/** What fields may be parted by, tried in this order; blanks come last, for the output of checksum tools. */
export const delimiters = [',', ';', '\t', '|', ' '] as const;

/** A character that parts fields. `' '` stands for any run of blanks. */
export type Delimiter = (typeof delimiters)[number];

/** Fields that are looked at: no table is wider, and a line of a million commas is none. */
const maxFields = 1000;

/** The first 1000 fields, without quotes and surrounding blanks. A quote that is never closed ends with the line. */
export function splitFields(line: string, delimiter: Delimiter): string[] {
  if (delimiter === ' ') {
    return line.trim().split(/\s+/, maxFields);
  }
  const fields: string[] = [];
  let at = 0;
  while (at <= line.length && fields.length < maxFields) {
    const { field, end } = isQuoted(line, at) ? quotedField(line, delimiter, at) : plainField(line, delimiter, at);
    fields.push(field.trim());
    at = end + 1;
  }
  return fields;
}

interface Field {
  readonly field: string;
  /** Where its delimiter stands. */
  readonly end: number;
}

function isQuoted(line: string, at: number): boolean {
  let first = at;
  while (line[first] === ' ') {
    first++;
  }
  return line[first] === '"';
}

function plainField(line: string, delimiter: string, at: number): Field {
  const end = indexFrom(line, delimiter, at);
  return { field: line.slice(at, end), end };
}

function quotedField(line: string, delimiter: string, at: number): Field {
  let field = '';
  let from = line.indexOf('"', at) + 1;
  for (;;) {
    const quote = indexFrom(line, '"', from);
    field += line.slice(from, quote);
    if (line[quote + 1] !== '"') {
      return { field, end: indexFrom(line, delimiter, quote + 1) };
    }
    field += '"';
    from = quote + 2;
  }
}

function indexFrom(line: string, text: string, at: number): number {
  const index = line.indexOf(text, at);
  return index === -1 ? line.length : index;
}
