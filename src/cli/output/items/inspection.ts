/** A component file for `inspect`: as a JSON line and for people. */
import type { Json } from '../../../base/seams.js';
import type { Container } from '../../../pattern/container.js';
import { patternState } from '../../../pattern/expiry.js';
import type { Colours } from '../colours.js';
import { contentRecord, type ComponentContent } from './component-content.js';
import { dated, grouped, printable, sized, tabulated } from '../text.js';

/** What is known of one file. */
export interface InspectedFile {
  readonly file: string;
  readonly container: Container;
  /** The signature was verified with a key that the user trusts. */
  readonly verified: boolean;
  readonly content: ComponentContent;
  /** Epoch ms. */
  readonly now: number;
}

/** The JSON line: instants are epoch ms, sizes are bytes. */
export function inspectionRecord({ file, container, verified, content, now }: InspectedFile): Json {
  return {
    kind: container.kind,
    file,
    formatVersion: container.formatVersion,
    generation: container.generation,
    createdAt: container.createdAt,
    expiresAt: container.expiresAt,
    periodMs: container.periodMs,
    state: patternState(container, now),
    size: container.byteLength,
    keyId: container.keyId ?? null,
    verified,
    content: contentRecord(content),
    sections: Object.fromEntries([...container.sections].map(([name, bytes]) => [name, bytes.length])),
  };
}

/** The lines for people. */
export function inspectionLines(facts: InspectedFile, how: { readonly colours: Colours }): string[] {
  const { file, container, content, now } = facts;
  const head: [string, string][] = [
    ['component', `${container.kind.replaceAll('-', ' ')}, generation ${container.generation}, format ${container.formatVersion}`],
    ['made', dated(container.createdAt)],
    ['expires', `${dated(container.expiresAt)}, ${patternState(container, now)} now`],
    ['size', sized(container.byteLength)],
    ['signature', signatureWords(facts)],
  ];
  const counts = Object.entries(content).map(([name, value]): [string, string] => [name, typeof value === 'number' ? wordsFor(name, value) : value]);
  const sections = [...container.sections].map(([name, bytes]): [string, string] => [`section ${name}`, sized(bytes.length)]);
  return [how.colours.strong(printable(file)), ...tabulated([...head, ...counts, ...sections]).map((line) => `  ${line}`)];
}

/** A generation is a name, everything else is an amount. */
function wordsFor(name: string, value: number): string {
  return name.endsWith('generation') ? String(value) : grouped(value);
}

function signatureWords({ container, verified }: InspectedFile): string {
  if (container.keyId === undefined) {
    return 'none';
  }
  return verified ? `by key ${container.keyId}, verified` : `by key ${container.keyId}, not verified (give --trust KEY.pub)`;
}
