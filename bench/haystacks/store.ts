/** Keeps the mixed haystack between runs, so that they can be compared. */
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Haystack, HaystackDescription } from './haystack.js';
import { haystackVersion, packLiterals, sha256Of, unpackLiterals } from './haystack.js';

/** What the folder keeps; undefined when that is nothing, damaged, or of another recipe. */
export function loadHaystack(dataDir: string): Haystack | undefined {
  const place = placeIn(dataDir);
  if (!Object.values(place).every((file) => existsSync(file))) {
    return undefined;
  }
  const description = JSON.parse(readFileSync(place.description, 'utf8')) as HaystackDescription;
  const [bytes, packed] = [readFileSync(place.bytes), readFileSync(place.literals)];
  const isWhole = sha256Of(bytes) === description.sha256 && sha256Of(packed) === description.literalsSha256;
  return description.version === haystackVersion && isWhole ? { bytes, literals: unpackLiterals(packed), description } : undefined;
}

/** The description comes last, by renaming: an interrupted save leaves nothing that passes for a haystack. */
export function saveHaystack(dataDir: string, { bytes, literals, description }: Haystack): void {
  mkdirSync(dataDir, { recursive: true });
  const place = placeIn(dataDir);
  writeFileSync(place.bytes, bytes);
  writeFileSync(place.literals, packLiterals(literals));
  writeFileSync(`${place.description}.new`, `${JSON.stringify(description, undefined, 2)}\n`);
  renameSync(`${place.description}.new`, place.description);
}

function placeIn(dataDir: string): Readonly<Record<'bytes' | 'literals' | 'description', string>> {
  return {
    bytes: join(dataDir, 'mixed.bin'),
    literals: join(dataDir, 'mixed-literals.bin'),
    description: join(dataDir, 'mixed.json'),
  };
}
