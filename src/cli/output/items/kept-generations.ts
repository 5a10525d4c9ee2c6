/** A data directory for `inspect`: which generations are in use and kept, how old they are, and what was rolled back. */
import type { Json } from '../../../base/seams.js';
import type { LastLook } from '../../../node/update/generation-store.js';
import { patternState } from '../../../pattern/expiry.js';
import type { GenerationsKept } from '../../../update/generations.js';
import type { Colours } from '../colours.js';
import { dated, printable, sized, tabulated } from '../text.js';

/** What is known of one directory. */
export interface InspectedDirectory {
  readonly dir: string;
  readonly kept: GenerationsKept;
  readonly lastLook: LastLook | undefined;
  /** Epoch ms. */
  readonly now: number;
}

/** The JSON lines: one for each component, and one for the last look. Instants are epoch ms. */
export function directoryRecords({ kept, lastLook, now }: InspectedDirectory): Json[] {
  const components = Object.entries(kept.components).map(([component, { current, previous, newest, rolledBack }]): Json => ({
    kind: 'kept',
    component,
    ...current,
    state: patternState(current, now),
    ageMs: now - current.createdAt,
    newest,
    rolledBack: rolledBack === undefined ? null : { ...rolledBack },
    previous: previous.map((entry) => entry.generation),
  }));
  const look: Json = lastLook === undefined ? null : { at: lastLook.at, source: lastLook.source ?? null, error: lastLook.error === undefined ? null : { ...lastLook.error } };
  return [...components, { kind: 'summary', lastLook: look }];
}

/** The lines for people. */
export function directoryLines({ dir, kept, lastLook, now }: InspectedDirectory, how: { readonly colours: Colours }): string[] {
  const rows = Object.entries(kept.components).flatMap(([component, { current, previous, rolledBack }]): [string, string][] => [
    [component, `generation ${current.generation}, ${sized(current.size)}, made ${dated(current.createdAt)}, ${patternState(current, now)} now`],
    ...(rolledBack === undefined ? [] : [['', `ROLLED BACK from generation ${rolledBack.from} ${dated(rolledBack.at)}`] satisfies [string, string]]),
    ...(previous.length === 0 ? [] : [['', `kept before it: ${previous.map((entry) => entry.generation).join(', ')}`] satisfies [string, string]]),
  ]);
  const look: [string, string][] = lastLook === undefined ? [] : [['last look', `${dated(lastLook.at)}, ${lookWords(lastLook)}`]];
  return [how.colours.strong(printable(dir)), ...tabulated([...rows, ...look]).map((line) => `  ${line}`)];
}

function lookWords({ source, error }: LastLook): string {
  return error === undefined ? `by ${printable(source ?? 'nobody')}` : printable(`${error.cause}: ${error.message}`);
}
