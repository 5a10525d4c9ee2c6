/** Signatures with places in executables, and executables that have something there. */
import type { Random } from '../../../src/base/seams.js';
import { nearMiss, randomBody } from './bodies.js';
import type { DifferentialCase } from './cases.js';
import { elfFile, peFile } from './executables.js';
import { between, filler, pick } from './pieces.js';

/** Makes a case of PE or ELF files of three sections. */
export function executableCase(random: Random, files: number): DifferentialCase {
  const isPe = random() < 0.5;
  const body = randomBody(random, { hasClasses: false, maxParts: 2 });
  const isPlaced = !/^[^*{]{2}\[/.test(body.text);
  // With target 1, clamscan misses the first `aa[x-y]HEX` of a PE file.
  const target = isPlaced ? pick(random, isPe ? [1, 1, 1, 0, 6] : [6, 6, 6, 0, 1]) : 0;
  const offset = isPlaced ? randomPlace(random, target !== 0) : '*';
  const contents = Array.from({ length: files }, () => {
    const sections = Array.from({ length: 3 }, () => section(random, () => (random() < 0.8 ? body.make(random) : nearMiss(random, body.make(random)))));
    return (isPe ? peFile : elfFile)(sections, between(random, 0, 40));
  });
  if (target === 0 || random() < 0.5) {
    return { ndb: [`T:${target}:${offset}:${body.text}`], ldb: [], contents };
  }
  const condition = pick(random, ['', '', ',EntryPoint:1024-1044', ',EntryPoint:1030-9999', ',NumberOfSections:3-3', ',NumberOfSections:4-9']);
  return { ndb: [], ldb: [`T;Engine:81-255,Target:${target}${condition};${pick(random, ['0', '0=1', '0=2', '0>0', '0=0'])};${offset}:${body.text}`], contents };
}

/** Something at one of the places that offsets name, or near them. */
function section(random: Random, make: () => string): string {
  const before = pick(random, ['', filler(random, 10), filler(random, between(random, 0, 60))]);
  const between2 = filler(random, between(random, 0, 40));
  return `${before}${make()}${random() < 0.5 ? between2 + make() : ''}`;
}

function randomPlace(random: Random, isExecutable: boolean): string {
  const shift = pick(random, ['', '', `,${between(random, 1, 60)}`]);
  const distance = pick(random, [0, 0, 10, between(random, 0, 60)]);
  const places = ['*', `${1024 + distance}${shift}`, `EOF-${between(random, 0, 1000)},${between(random, 100, 900)}`];
  const inExecutable = [`EP+${distance}${shift}`, `EP-${between(random, 1, 30)},${between(random, 5, 60)}`, `S${between(random, 0, 4)}+${distance}${shift}`, `SL+${distance}${shift}`, `SE${between(random, 0, 4)}`];
  return pick(random, isExecutable ? [...places.slice(0, 2), ...inExecutable, ...inExecutable] : places);
}
