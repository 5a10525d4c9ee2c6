/** Small executables around given section contents: headers that clamscan takes, nothing that would run. */

/** Bytes of a section in the file; longer contents are cut. */
export const sectionBytes = 512;

/** A 32-bit PE file with these sections (latin1), the entry point `entry` bytes into the first one. */
export function peFile(sections: readonly string[], entry: number): Uint8Array {
  const file = Buffer.alloc(1024 + sections.length * sectionBytes);
  file.write('MZ', 0, 'latin1');
  file.writeUInt32LE(0x80, 60);
  file.write('PE\0\0', 0x80, 'latin1');
  file.writeUInt16LE(0x14c, 0x84);
  file.writeUInt16LE(sections.length, 0x86);
  file.writeUInt16LE(224, 0x94);
  file.writeUInt16LE(0x102, 0x96);
  writeOptionalHeader(file, 0x98, { entry: 0x1000 + entry, image: 0x1000 * (sections.length + 1) });
  sections.forEach((content, i) => {
    const at = 0x98 + 224 + i * 40;
    file.write(`.s${i}`, at, 'latin1');
    file.writeUInt32LE(sectionBytes, at + 8);
    file.writeUInt32LE(0x1000 * (i + 1), at + 12);
    file.writeUInt32LE(sectionBytes, at + 16);
    file.writeUInt32LE(1024 + i * sectionBytes, at + 20);
    file.writeUInt32LE(0x60000020, at + 36);
    file.write(content.slice(0, sectionBytes), 1024 + i * sectionBytes, 'latin1');
  });
  return Uint8Array.from(file);
}

function writeOptionalHeader(file: Buffer, at: number, { entry, image }: { readonly entry: number; readonly image: number }): void {
  file.writeUInt16LE(0x10b, at);
  file.writeUInt32LE(entry, at + 16);
  file.writeUInt32LE(0x1000, at + 20);
  file.writeUInt32LE(0x400000, at + 28);
  file.writeUInt32LE(0x1000, at + 32);
  file.writeUInt32LE(0x200, at + 36);
  file.writeUInt16LE(4, at + 40);
  file.writeUInt16LE(4, at + 48);
  file.writeUInt32LE(image, at + 56);
  file.writeUInt32LE(1024, at + 60);
  file.writeUInt16LE(3, at + 68);
  file.writeUInt32LE(16, at + 92);
}

/** A 64-bit ELF file with these sections behind the null section, the entry point `entry` bytes into the first one. */
export function elfFile(sections: readonly string[], entry: number): Uint8Array {
  const tableAt = 1024 + sections.length * sectionBytes;
  const file = Buffer.alloc(tableAt + (sections.length + 1) * 64);
  file.write('\x7fELF\x02\x01\x01', 0, 'latin1');
  file.writeUInt16LE(2, 16);
  file.writeUInt16LE(62, 18);
  file.writeUInt32LE(1, 20);
  file.writeBigUInt64LE(BigInt(0x400000 + 1024 + entry), 24);
  file.writeBigUInt64LE(64n, 32);
  file.writeBigUInt64LE(BigInt(tableAt), 40);
  [64, 56, 1, 64, sections.length + 1].forEach((value, i) => file.writeUInt16LE(value, 52 + 2 * i));
  file.writeUInt32LE(1, 64);
  file.writeUInt32LE(5, 68);
  file.writeBigUInt64LE(0x400000n, 80);
  file.writeBigUInt64LE(0x400000n, 88);
  file.writeBigUInt64LE(BigInt(tableAt), 96);
  file.writeBigUInt64LE(BigInt(tableAt), 104);
  sections.forEach((content, i) => {
    const at = tableAt + (i + 1) * 64;
    file.writeUInt32LE(1, at + 4);
    file.writeBigUInt64LE(BigInt(0x400000 + 1024 + i * sectionBytes), at + 16);
    file.writeBigUInt64LE(BigInt(1024 + i * sectionBytes), at + 24);
    file.writeBigUInt64LE(BigInt(sectionBytes), at + 32);
    file.write(content.slice(0, sectionBytes), 1024 + i * sectionBytes, 'latin1');
  });
  return Uint8Array.from(file);
}
