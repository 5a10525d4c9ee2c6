/**
 * How long a server asks to be left alone (RFC 9110 § 10.2.3): the one reader of `Retry-After` for clients, relays and
 * updates. What it returns is what was said; whoever obeys bounds it, for nobody signs a header. Small rather than
 * exact about dates that nobody sends: it is part of the portable core.
 */

/** Two of the three spellings of a date (§ 5.6.7); the third, of `asctime`, is turned into the first. All are UTC. */
const usual = /^[A-Z][a-z]{2,8}, ([ \d]\d)[ -]([A-Z][a-z]{2})[ -](\d\d|\d{4}) ([0-2]\d:[0-5]\d:[0-5]\d) GMT$/;
const ofAsctime = /^(\w+) (\w+) (..) (\S+) (\d{4})$/;

/**
 * The wait in ms that a `Retry-After` names by seconds or by a date; 0 for a date that is over, undefined for anything
 * that is neither. `now` is the wall clock, epoch ms.
 */
export function retryAfterMs(value: string | null, now: number): number | undefined {
  const text = value?.trim() ?? '';
  if (/^\d{1,10}$/.test(text)) {
    return Number(text) * 1000;
  }
  // Date.parse alone takes nearly anything for a date.
  const [, day, month, year = '', time] = usual.exec(text.replace(ofAsctime, '$1, $3 $2 $5 $4 GMT')) ?? [];
  // Two digits: the latest such year that is not more than 50 years ahead.
  const latest = new Date(now).getUTCFullYear() + 50;
  const at = Date.parse(`${day} ${month} ${year.length === 2 ? latest - ((latest - Number(year)) % 100) : year} ${time} GMT`);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}
