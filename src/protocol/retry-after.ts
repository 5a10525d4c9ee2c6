/**
 * How long a server asks to be left alone (RFC 9110 § 10.2.3): the one reader of `Retry-After` for clients, relays and
 * updates. What it returns is what was said; whoever obeys bounds it, for nobody signs a header.
 */

/** The three spellings of a date (§ 5.6.7). All are UTC; the day of the week is not compared with the date. */
const dates: readonly RegExp[] = [
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>\d\d:\d\d:\d\d) GMT$/,
  /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>\d\d:\d\d:\d\d) (?<year>\d{4})$/,
];
const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/**
 * The wait in ms that a `Retry-After` names by seconds or by a date; 0 for a date that is over, undefined for anything
 * that is neither. `now` is the wall clock, epoch ms.
 */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,10}$/.test(text)) {
    return Number(text) * 1000;
  }
  const at = parseDate(text, now);
  return at === undefined ? undefined : Math.max(0, at - now);
}

/** Epoch ms. Not `Date.parse`: it takes nearly anything for a date, and each runtime something else. */
function parseDate(text: string, now: number): number | undefined {
  const found = dates.map((form) => form.exec(text)?.groups).find((groups) => groups !== undefined);
  if (found === undefined) {
    return undefined;
  }
  const { day = '', month = '', year = '', time = '' } = found;
  const [hour = 0, minute = 0, second = 0] = time.split(':').map(Number);
  const isDate = months.includes(month) && Number(day) >= 1 && Number(day) <= 31;
  // 60 is a leap second.
  if (!isDate || hour > 23 || minute > 59 || second > 60) {
    return undefined;
  }
  const at = Date.UTC(year.length === 2 ? fullYear(Number(year), now) : Number(year), months.indexOf(month), Number(day), hour, minute, second);
  return Number.isNaN(at) ? undefined : at;
}

/** The latest year with these last two digits that is not more than 50 years ahead, as § 5.6.7 wants it. */
function fullYear(digits: number, now: number): number {
  const latest = new Date(now).getUTCFullYear() + 50;
  return latest - ((latest - digits) % 100);
}
