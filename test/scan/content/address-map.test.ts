/** Sections by address: the same answers as looking through all of them, and no more work for more sections. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readExecutable } from '../../../src/scan/content/executable.js';
import { AddressMap } from '../../../src/scan/content/headers/address-map.js';
import { peImage } from './images.js';

const numRuns = Number(process.env['FUZZ_RUNS'] ?? 100);

describe('an address', () => {
  it('lies in the last section that holds it', () => {
    const section = fc.record({ virtualAddress: fc.nat(40), rawSize: fc.nat(12) });
    fc.assert(
      fc.property(fc.array(section, { maxLength: 12 }), (sections) => {
        const map = new AddressMap(sections);
        for (let address = 0; address < 60; address++) {
          const expected = sections.findLast(({ virtualAddress, rawSize }) => virtualAddress <= address && address < virtualAddress + rawSize);
          expect(map.find(address)).toBe(expected);
        }
      }),
      { numRuns },
    );
  });
});

/** An executable whose one library has so many functions, with names all over its section. */
function importing(functions: number, sections: number): Uint8Array {
  const base = 0x100000;
  const start = 0x1000000;
  const stated = Array.from({ length: sections }, (_, i) => ({ virtualSize: 0x1000, virtualAddress: 0x40000000 + i * 0x1000, rawSize: 0x200, rawOffset: 0x80000 }));
  stated[0] = { virtualSize: 0x1000, virtualAddress: start, rawSize: 0x100000, rawOffset: base };
  const image = peImage({ sections: stated, entry: start, size: 2 * base, directories: { 1: [start, 40] } });
  image.fill(0, base);
  image.writeUInt32LE(start + 0x100, base);
  image.writeUInt32LE(start + 0x80, base + 12);
  image.write('x.dll', base + 0x80, 'latin1');
  for (let i = 0; i < functions; i++) {
    image.writeUInt32LE(start + 0x80000 + ((i * 7919) % 0x70000), base + 0x100 + 4 * i);
  }
  return Uint8Array.from(image);
}

describe('imports', () => {
  it('cost no more for thousands of sections than for one', { timeout: 30_000 }, () => {
    const secondsOf = (sections: number): number => {
      const image = importing(60_000, sections);
      const before = process.cpuUsage();
      expect(readExecutable(1, image)?.imports?.size).toBeGreaterThan(0);
      return process.cpuUsage(before).user;
    };
    secondsOf(1);
    const [one, many] = [secondsOf(1), secondsOf(4096)];
    expect(many / one).toBeLessThan(8);
  });
});
