import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { executableReader, readExecutable, readExecutableFrom } from '../../../src/scan/content/executable.js';
import { MAX_ELF_SECTIONS, MAX_ELF_SEGMENTS } from '../../../src/scan/content/headers/elf.js';
import { MAX_LOAD_COMMANDS, MAX_SEGMENT_SECTIONS } from '../../../src/scan/content/headers/macho.js';
import { MAX_IMPORT_FUNCTIONS, MAX_IMPORT_LIBRARIES } from '../../../src/scan/content/headers/pe-imports.js';
import { MAX_PE_SECTIONS } from '../../../src/scan/content/headers/pe.js';
import { RangeWindows } from '../../../src/scan/content/range-windows.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { hasClamscan } from '../../support/clamscan.js';
import { matchedNames } from './oracle.js';
import { elfImage, machoImage, peImage, peWithImports, type PeRecipe, type StatedSection } from './images.js';

const numRuns = Number(process.env.FUZZ_RUNS ?? 100);
const PE = 1;
const ELF = 6;
const MACHO = 9;

const section = (virtualAddress: number, rawOffset: number, rawSize = 0x200, virtualSize = 0x1000): StatedSection => {
  return { virtualSize, virtualAddress, rawSize, rawOffset };
};

const PE_CASES: readonly (readonly [what: string, recipe: PeRecipe, entry: number | undefined, raw: readonly (readonly [number, number])[]])[] = [
  ['two sections', { sections: [section(0x1000, 0x400), section(0x2000, 0x600, 0x300)], size: 0x1000 }, 0x400, [[0x400, 0x200], [0x600, 0x400]]],
  ['64 bits', { sections: [section(0x1000, 0x400)], wide: true, size: 0x1000 }, 0x400, [[0x400, 0x200]]],
  ['raw offsets rounded down, sizes up', { sections: [section(0x1000, 0x401, 0x201)], size: 0x1000 }, 0x400, [[0x400, 0x400]]],
  ['no file alignment', { sections: [section(0x1000, 0x401, 0x201)], fileAlignment: 0, size: 0x1000 }, 0x401, [[0x401, 0x201]]],
  ['a section that keeps to 512 only', { sections: [section(0x1000, 0x600)], fileAlignment: 0x1000, size: 0x2000 }, 0x600, [[0x600, 0x200]]],
  ['a section cut off by the end', { sections: [section(0x1000, 0x400)], size: 0x500 }, 0x400, [[0x400, 0x100]]],
  ['a section behind the end', { sections: [section(0x1000, 0x400), section(0x2000, 0x9000)], size: 0x600 }, 0x400, [[0x400, 0x200], [0x9000, 0]]],
  ['an entry in the headers', { sections: [section(0x1000, 0x400)], entry: 0x123, size: 0x1000 }, 0x123, [[0x400, 0x200]]],
  ['the last of overlapping sections', { sections: [section(0x1000, 0x400), section(0x1000, 0x600)], entry: 0x1010, size: 0x1000 }, 0x610, [[0x400, 0x200], [0x600, 0x200]]],
  ['an entry in no raw bytes', { sections: [section(0x1000, 0x400)], entry: 0x1200, size: 0x1000 }, undefined, []],
  ['a sign bit in a size', { sections: [section(0x1000, 0x400, 0x200, 0x8000_0000)], size: 0x1000 }, undefined, []],
];

describe('the headers of PE files', () => {
  it.each(PE_CASES)('are read with %s', (_, recipe, entry, raw) => {
    const facts = readExecutable(PE, peImage(recipe));
    expect(facts?.entryPoint).toBe(entry);
    expect(facts?.sections.map(({ rawOffset, rawSize }) => [rawOffset, rawSize]) ?? []).toEqual(raw);
  });

  it('are refused from one section more than the limit on', () => {
    const of = (count: number): Buffer => peImage({ sections: Array.from({ length: count }, () => section(0x1000, 0x400)), headerSize: 0x1000, size: 0x40_000 });
    expect(readExecutable(PE, of(MAX_PE_SECTIONS))?.sections.length).toBe(MAX_PE_SECTIONS);
    expect(readExecutable(PE, of(MAX_PE_SECTIONS + 1))).toBeUndefined();
  });
});

describe('the headers of ELF files', () => {
  it('give the entry point by the segments and the sections in order, in both byte orders', () => {
    const little = readExecutable(ELF, elfImage({}));
    expect(little?.entryPoint).toBe(0x1010);
    expect(little?.sections.map(({ rawOffset }) => rawOffset)).toEqual([0x1000, 0x1010, 0x1020]);
    expect(readExecutable(ELF, elfImage({ big: true }))).toEqual(little);
    expect(readExecutable(ELF, elfImage({ entry: 0 }))?.entryPoint).toBe(0);
    expect(readExecutable(ELF, elfImage({ entry: 0x50_0000 }))).toBeUndefined();
  });

  it('are refused from one segment or section more than the limits on', () => {
    expect(readExecutable(ELF, elfImage({ segments: MAX_ELF_SEGMENTS }))).toBeDefined();
    expect(readExecutable(ELF, elfImage({ segments: MAX_ELF_SEGMENTS + 1 }))).toBeUndefined();
    expect(readExecutable(ELF, elfImage({ sections: MAX_ELF_SECTIONS }))?.sections.length).toBe(MAX_ELF_SECTIONS);
    expect(readExecutable(ELF, elfImage({ sections: MAX_ELF_SECTIONS + 1 }))).toBeUndefined();
  });
});

describe('the headers of Mach-O files', () => {
  it('give the sections, their raw sizes rounded up', () => {
    const facts = readExecutable(MACHO, machoImage({}));
    expect(facts?.entryPoint).toBe(0);
    expect(facts?.sections.map(({ rawOffset, rawSize }) => [rawOffset, rawSize])).toEqual([[0x7000, 0x110], [0x7010, 0x110]]);
    expect(readExecutable(MACHO, machoImage({ alignment: 32 }))).toBeUndefined();
  });

  it('are refused from one section or command more than the limits on', () => {
    expect(readExecutable(MACHO, machoImage({ sections: MAX_SEGMENT_SECTIONS }))?.sections.length).toBe(MAX_SEGMENT_SECTIONS);
    expect(readExecutable(MACHO, machoImage({ sections: MAX_SEGMENT_SECTIONS + 1 }))).toBeUndefined();
    const of = (commands: number): Buffer => {
      const image = Buffer.concat([machoImage({ commands, sections: 0 }), Buffer.alloc(8 * MAX_LOAD_COMMANDS)]);
      image.fill(0, 104);
      return image;
    };
    expect(readExecutable(MACHO, of(MAX_LOAD_COMMANDS))).toBeDefined();
    expect(readExecutable(MACHO, of(MAX_LOAD_COMMANDS + 1))).toBeUndefined();
  });
});

describe('the import hash', () => {
  const textOf = (...libraries: Parameters<typeof peWithImports>[0]): string | undefined => readExecutable(PE, peWithImports(libraries))?.imports?.text;

  it('is taken of libraries without their extension and functions, in lower case, with names for known ordinals', () => {
    expect(textOf({ name: 'KERNEL32.dll', functions: ['ExitProcess', 'Sleep'] }, { name: 'x.exe', functions: ['Y'] })).toBe('kernel32.exitprocess,kernel32.sleep,x.exe.y');
    expect(textOf({ name: 'WS2_32.dll', functions: [115, 999] }, { name: 'oleaut32.DLL', functions: [2] })).toBe('ws2_32.wsastartup,ws2_32.ord999,oleaut32.sysallocstring');
    expect(textOf({ name: 'a.dll', functions: ['?mangled@@'] })).toBeUndefined();
  });

  it('leaves out libraries past the limit, and is none past the limit of functions', () => {
    const many = Array.from({ length: MAX_IMPORT_LIBRARIES + 1 }, (_, i) => ({ name: `l${String(i)}`, functions: ['f'] }));
    expect(textOf(...many)?.split(',').length).toBe(MAX_IMPORT_LIBRARIES);
    const functions = (count: number): number[] => Array.from({ length: count }, (_, i) => i & 0xffff);
    expect(textOf({ name: 'a', functions: functions(MAX_IMPORT_FUNCTIONS - 1) }, { name: 'b', functions: ['f'] })?.endsWith(',b.f')).toBe(true);
    expect(textOf({ name: 'a', functions: functions(MAX_IMPORT_FUNCTIONS) }, { name: 'b', functions: ['f'] })).toBeUndefined();
  });

  it.skipIf(!hasClamscan())('is the one that clamscan matches', () => {
    const image = peWithImports([{ name: 'WSOCK32.dll', functions: [1, 'Send'] }, { name: 'a.sys', functions: ['b'] }]);
    const imports = readExecutable(PE, image)?.imports;
    const hash = createHash('md5').update(imports?.text ?? '', 'latin1').digest('hex');
    expect(matchedNames([`${hash}:${String(imports?.size)}:Imports`], 'imp', [image])).toEqual([['Imports']]);
  });
});

describe('reading executables', () => {
  const images = [
    [PE, peImage({ sections: [section(0x1000, 0x400), section(0x2000, 0x600)], size: 0x1000 })],
    [PE, peWithImports([{ name: 'a.dll', functions: ['b'] }])],
    [ELF, elfImage({})],
    [MACHO, machoImage({})],
  ] as const;

  it('is total: headers with any bytes changed or cut off give facts or none, with offsets that are numbers', () => {
    const edits = fc.array(fc.tuple(fc.nat(0x400), fc.nat(255)), { maxLength: 12 });
    fc.assert(
      fc.property(fc.constantFrom(...images), edits, fc.nat(0x1000), ([target, image], changes, cut) => {
        const changed = Buffer.from(image.subarray(0, image.length - (cut % image.length)));
        changes.forEach(([at, value]) => at < changed.length && (changed[at] = value));
        const facts = readExecutable(target, changed);
        for (const { rawOffset, rawSize, virtualAddress, virtualSize } of facts?.sections ?? []) {
          for (const value of [rawOffset, rawSize, virtualAddress, virtualSize]) {
            expect(Number.isSafeInteger(value) && value >= 0 && value < 2 ** 33).toBe(true);
          }
        }
      }),
      { numRuns: numRuns * 5 },
    );
  });

  it('asks for a bounded number of ranges, however directories point at each other', () => {
    const image = peImage({ sections: [section(0x1000, 0x400, 0x8000, 0x8000)], directories: { 1: [0x1000, 0xffff_ffff], 2: [0x1000, 0x8000] } });
    // Every entry is a version resource whose directory is the one that it stands in.
    image.writeUInt32LE(0, 0x400 + 8);
    image.writeUInt32LE(0x0400_0400, 0x400 + 12);
    for (let at = 0x410; at + 8 <= image.length; at += 8) {
      image.writeUInt32LE(16, at);
      image.writeUInt32LE(0x8000_0000, at + 4);
    }
    const reader = executableReader(PE, image.length);
    let steps = 0;
    for (let step = reader.next(); step.done !== true; steps++) {
      step = reader.next(image.subarray(step.value.at, step.value.at + step.value.length));
    }
    expect(steps).toBeGreaterThan(500);
    expect(steps).toBeLessThan(200_000);
  });

  it('reads the same from a source as from memory', async () => {
    for (const [target, image] of images) {
      const facts = await readExecutableFrom(target, image.length, ({ at, length }) => Promise.resolve(image.subarray(at, at + length)));
      expect(facts).toEqual(readExecutable(target, image));
      expect(facts).toBeDefined();
    }
  });

  it('reads little of a source whose headers name bytes all over it', async () => {
    let bytes = 0;
    const image = new Uint8Array(64 * 1024 * 1024);
    const windows = new RangeWindows(image.length, ({ at, length }) => {
      bytes += length;
      return Promise.resolve(image.subarray(at, at + length));
    });
    const random = createSeededRandom(5);
    for (let i = 0; i < 20_000; i++) {
      await windows.get({ at: Math.floor(random() * image.length), length: 100 });
    }
    expect(bytes).toBeLessThan(256 * 16_384 + 20_000 * 100 + 1);
  });

  it('reads each window once where two places take turns', async () => {
    let reads = 0;
    const windows = new RangeWindows(2 ** 20, ({ length }) => Promise.resolve(new Uint8Array(length).fill(++reads)));
    for (let i = 0; i < 100; i++) {
      await windows.get({ at: 4 * i, length: 4 });
      await windows.get({ at: 2 ** 19 + 20 * i, length: 20 });
    }
    expect(reads).toBe(2);
  });

  it.skipIf(!hasClamscan())('finds entry point and sections where clamscan does', () => {
    const random = createSeededRandom(7);
    const pick = (...from: number[]): number => from[Math.floor(random() * from.length)] ?? 0;
    const recipes = Array.from({ length: 40 }, (): PeRecipe => ({
      sections: Array.from({ length: pick(1, 2, 3) }, (_, i) => section(0x1000 * (i + 1), pick(0x400, 0x600, 0x801, 0xa00, 0x5ff), pick(0x200, 0x201, 0x3ff, 1))),
      entry: pick(0x10, 0x1000, 0x1001, 0x1150, 0x2010),
      fileAlignment: pick(0x200, 0x200, 0x400, 0x1000, 0x10),
      wide: random() < 0.5,
      size: 0x2000,
    }));
    const contents = recipes.map((recipe) => peImage(recipe));
    const signatures = contents.flatMap((content, i) => signaturesFor(content, i));
    const lines = signatures.map(({ name, offset, bytes }) => `${name}:1:${offset}:${bytes}`);
    const expected = contents.map((content) => signatures.filter((signature) => matches(signature, content)).map(({ name }) => name).sort());
    expect(matchedNames(lines, 'ndb', contents)).toEqual(expected);
    expect(expected.flat().length).toBeGreaterThan(100);
  }, 60_000);
});

interface AnchoredSignature {
  readonly name: string;
  readonly offset: string;
  readonly bytes: string;
}

const LENGTH = 12;

/** The bytes at each offset that the facts give, and those one byte aside, which must not match there. */
function signaturesFor(content: Buffer, i: number): AnchoredSignature[] {
  return ['EP+0', 'S0+0', 'S1+0', 'SL+0'].flatMap((offset) => {
    const at = startOf(offset, content);
    return [0, 1].flatMap((aside) => {
      const bytes = at === undefined ? '' : content.subarray(at + aside, at + aside + LENGTH).toString('hex');
      return bytes.length === 2 * LENGTH ? [{ name: `C${String(i)}.${offset.replace('+', '.')}.${String(aside)}`, offset, bytes }] : [];
    });
  });
}

function matches({ offset, bytes }: AnchoredSignature, content: Buffer): boolean {
  const at = startOf(offset, content);
  return at !== undefined && content.subarray(at, at + LENGTH).toString('hex') === bytes;
}

function startOf(offset: string, content: Buffer): number | undefined {
  const facts = readExecutable(PE, content);
  const index = offset.startsWith('SL') ? -1 : Number(offset[1]);
  return offset.startsWith('EP') ? facts?.entryPoint : facts?.sections.at(index)?.rawOffset;
}
