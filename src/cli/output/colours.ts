/** Colours of human output: only for a person at a terminal, and not against their will (https://no-color.org). */
import picocolors from 'picocolors';

/** The few that are used, by what they say. */
export interface Colours {
  readonly bad: (text: string) => string;
  readonly doubtful: (text: string) => string;
  readonly good: (text: string) => string;
  readonly strong: (text: string) => string;
  readonly quiet: (text: string) => string;
}

/** Colours for a stream: none where it is no terminal, where `NO_COLOR` is set, or where the terminal is a dumb one. */
export function coloursFor(isTerminal: boolean, env: Readonly<Record<string, string | undefined>>): Colours {
  const refused = (env['NO_COLOR'] ?? '') !== '';
  const forced = (env['FORCE_COLOR'] ?? '') !== '' && env['FORCE_COLOR'] !== '0';
  const paint = picocolors.createColors(!refused && (forced || (isTerminal && env['TERM'] !== 'dumb')));
  return { bad: paint.red, doubtful: paint.yellow, good: paint.green, strong: paint.bold, quiet: paint.dim };
}
