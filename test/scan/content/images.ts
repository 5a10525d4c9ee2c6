/** Executables made for tests: headers as asked for, sections filled with numbers that tell every offset apart. */

/** A section as the header states it. */
export interface StatedSection {
  readonly virtualSize: number;
  readonly virtualAddress: number;
  readonly rawSize: number;
  readonly rawOffset: number;
}

export interface PeRecipe {
  readonly sections: readonly StatedSection[];
  readonly entry?: number;
  readonly fileAlignment?: number;
  readonly sectionAlignment?: number;
  readonly headerSize?: number;
  readonly wide?: boolean;
  readonly size?: number;
  readonly directories?: Readonly<Record<number, readonly [address: number, size: number]>>;
}

/** A PE file. */
export function peImage(recipe: PeRecipe): Buffer {
  const { sections, wide = false } = recipe;
  const fixed = wide ? 112 : 96;
  const image = filled(recipe.size ?? Math.max(...sections.map(({ rawOffset, rawSize }) => rawOffset + rawSize), 0x400));
  const head = Buffer.alloc(0x80 + 24 + fixed + 128 + 40 * sections.length);
  head.write('MZ', 0, 'latin1');
  head.writeUInt32LE(0x80, 60);
  head.write('PE\0\0', 0x80, 'latin1');
  head.writeUInt16LE(sections.length, 0x86);
  head.writeUInt16LE(fixed + 128, 0x94);
  const optional = 0x98;
  head.writeUInt16LE(wide ? 0x20b : 0x10b, optional);
  head.writeUInt32LE(recipe.entry ?? 0x1000, optional + 16);
  head.writeUInt32LE(recipe.sectionAlignment ?? 0x1000, optional + 32);
  head.writeUInt32LE(recipe.fileAlignment ?? 0x200, optional + 36);
  head.writeUInt32LE(recipe.headerSize ?? 0x400, optional + 60);
  head.writeUInt32LE(16, optional + fixed - 4);
  for (const [index, [address, size]] of Object.entries(recipe.directories ?? {})) {
    head.writeUInt32LE(address, optional + fixed + 8 * Number(index));
    head.writeUInt32LE(size, optional + fixed + 8 * Number(index) + 4);
  }
  sections.forEach((section, i) => {
    const at = optional + fixed + 128 + 40 * i;
    [section.virtualSize, section.virtualAddress, section.rawSize, section.rawOffset].forEach((value, field) => {
      head.writeUInt32LE(value >>> 0, at + 8 + 4 * field);
    });
  });
  head.copy(image);
  return image;
}

/** An ELF file of 64 bits in either byte order. */
export function elfImage(recipe: { readonly entry?: number; readonly big?: boolean; readonly segments?: number; readonly sections?: number }): Buffer {
  const { entry = 0x40_1010, big = false, segments = 2, sections = 3 } = recipe;
  const image = filled(0x9000);
  const put16 = (value: number, at: number): number => (big ? image.writeUInt16BE(value, at) : image.writeUInt16LE(value, at));
  const put64 = (value: number, at: number): bigint | number =>
    big ? image.writeBigUInt64BE(BigInt(value), at) : image.writeBigUInt64LE(BigInt(value), at);
  image.write(`\x7fELF\x02${big ? '\x02' : '\x01'}\x01`, 0, 'latin1');
  image.fill(0, 7, 64);
  put64(entry, 24);
  put64(64, 32);
  put64(0x4000, 40);
  [64, 56, segments, 64, sections].forEach((value, i) => put16(value, 52 + 2 * i));
  for (let i = 0; i < segments; i++) {
    const [offset, address] = i === 0 ? [0, 0x40_0000] : [0x1000, 0x40_1000];
    [offset, address, address, 0x1000, 0x1000].forEach((value, field) => put64(value, 64 + 56 * i + 8 + 8 * field));
  }
  for (let i = 0; i < sections && 0x4000 + 64 * (i + 1) <= image.length; i++) {
    [0x40_1000 + i, 0x1000 + 16 * i, 0x100].forEach((value, field) => put64(value, 0x4000 + 64 * i + 16 + 8 * field));
  }
  return image;
}

/** A Mach-O file of 64 bits, little-endian, with one segment. */
export function machoImage(recipe: { readonly sections?: number; readonly alignment?: number; readonly commands?: number }): Buffer {
  const { sections = 2, alignment = 4, commands = 1 } = recipe;
  const image = filled(0x9000);
  image.fill(0, 0, 32 + 72);
  [0xfeedfacf, 0x0100_0007, 3, 2, commands, 72 + 80 * sections].forEach((value, i) => image.writeUInt32LE(value, 4 * i));
  image.writeUInt32LE(0x19, 32);
  image.writeUInt32LE(72 + 80 * sections, 36);
  image.writeUInt32LE(sections, 32 + 64);
  for (let i = 0; i < sections; i++) {
    const at = 104 + 80 * i;
    image.writeBigUInt64LE(BigInt(0x2000 + 0x200 * i), at + 32);
    image.writeBigUInt64LE(0x101n, at + 40);
    image.writeUInt32LE(0x7000 + 16 * i, at + 48);
    image.writeUInt32LE(alignment, at + 52);
  }
  return image;
}

/** A PE file whose second section holds an import table. */
export function peWithImports(libraries: readonly { readonly name: string; readonly functions: readonly (string | number)[] }[]): Buffer {
  const base = 0x2000;
  const table = Buffer.alloc(0x60_000);
  let free = 20 * (libraries.length + 1);
  const store = (bytes: Buffer): number => {
    free = (free + 7) & ~7;
    bytes.copy(table, free);
    free += bytes.length;
    return base + free - bytes.length;
  };
  libraries.forEach(({ name, functions }, i) => {
    const thunks = Buffer.alloc(4 * (functions.length + 1));
    functions.forEach((item, entry) => {
      const value = typeof item === 'number' ? 0x8000_0000 + item : store(Buffer.from(`\0\0${item}\0`, 'latin1'));
      thunks.writeUInt32LE(value, 4 * entry);
    });
    table.writeUInt32LE(store(thunks), 20 * i);
    table.writeUInt32LE(store(Buffer.from(`${name}\0`, 'latin1')), 20 * i + 12);
  });
  const image = peImage({
    sections: [
      { virtualSize: 0x1000, virtualAddress: 0x1000, rawSize: 0x200, rawOffset: 0x400 },
      { virtualSize: table.length, virtualAddress: base, rawSize: table.length, rawOffset: 0x600 },
    ],
    directories: { 1: [base, 20 * (libraries.length + 1)] },
  });
  table.copy(image, 0x600);
  return image;
}

/** Bytes of which any eight in a row occur once. */
function filled(size: number): Buffer {
  const image = Buffer.alloc(size);
  for (let at = 0; at + 4 <= size; at += 4) {
    image.writeUInt32LE(Math.imul(at / 4, 2_654_435_761) >>> 0, at);
  }
  return image;
}
