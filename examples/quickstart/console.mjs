/** What the quickstart prints: sections, aligned rows and one line of progress; colours only on a terminal. */

const isTerminal = process.stdout.isTTY === true && process.env.TERM !== 'dumb';
const isColoured = isTerminal && (process.env.NO_COLOR ?? '') === '';
const paint = (code) => (text) => (isColoured ? `\u001b[${code}m${text}\u001b[0m` : String(text));

export const bold = paint('1');
export const dim = paint('2');
export const red = paint('31');
export const green = paint('32');
export const yellow = paint('33');
const cyan = paint('36');

/** Names from a file system may hold anything; a terminal must not. */
export function printable(text) {
  return String(text).replaceAll(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, '·');
}

/** `1 Title ────────`, 96 columns wide. */
export function section(number, title) {
  console.log(`\n${bold(cyan(`${number} ${title}`))} ${dim('─'.repeat(Math.max(3, 93 - title.length)))}`);
}

/** A line of the story. */
export function say(text) {
  console.log(`  ${text}`);
}

/** Rows with aligned columns; `right` names the columns of numbers. Colours are put on after the widths are known. */
export function table(rows, { right = [], colour = [] } = {}) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => String(row[column]).length)));
  rows.forEach((row, index) => {
    const cells = row.map((cell, column) => {
      const text = right.includes(column) ? String(cell).padStart(widths[column]) : String(cell).padEnd(widths[column]);
      return index === 0 ? dim(text) : (colour[column] ?? String)(text, cell);
    });
    console.log(`  ${cells.join('   ').trimEnd()}`);
  });
}

/** The colour of a disposition. */
export function verdictColour(text) {
  const word = text.trim();
  return word === 'malicious' ? red(text) : word === 'unknown' || word === 'suspicious' ? yellow(text) : word === 'clean' ? green(text) : text;
}

/** A line that is written over and over while something runs; nothing where nobody watches. */
export function createTicker() {
  let shownAt = 0;
  return {
    show(text) {
      if (isTerminal && process.stderr.isTTY && performance.now() - shownAt > 120) {
        shownAt = performance.now();
        process.stderr.write(`\r\u001b[2K  ${text}`);
      }
    },
    clear() {
      if (shownAt > 0) {
        process.stderr.write('\r\u001b[2K');
        shownAt = 0;
      }
    },
  };
}
