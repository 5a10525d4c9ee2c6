/** A byte signature as a line of ClamAV's extended form, with contents that it matches. */
import { concatBytes, fromHex, toHex } from '../base/bytes.js';
import type { Random } from '../base/seams.js';

/** A signature and how to plant it. */
export interface PlantedSignature {
  readonly name: string;
  /** `Name:0:*:Body`, as a `.ndb` file has it. */
  readonly line: string;
  /** Bytes that the signature matches; other ones each time where it leaves a choice. */
  instance(random: Random): Uint8Array;
}

interface Part {
  readonly text: string;
  instance(random: Random): Uint8Array;
}

/** A random signature: literals of 8 to 16 bytes, between them now and then a wildcard, a gap or alternatives. */
export function plantedSignature(random: Random, name: string): PlantedSignature {
  const parts: Part[] = [literal(random)];
  for (let more = Math.floor(random() * 3); more > 0; more--) {
    parts.push(joint(random), literal(random));
  }
  return {
    name,
    line: `${name}:0:*:${parts.map((part) => part.text).join('')}`,
    instance: (chance) => concatBytes(parts.map((part) => part.instance(chance))),
  };
}

function literal(random: Random): Part {
  const bytes = drawBytes(random, 8 + Math.floor(random() * 9));
  return { text: toHex(bytes), instance: () => bytes };
}

function joint(random: Random): Part {
  const choice = Math.floor(random() * 5);
  const few = 1 + Math.floor(random() * 4);
  switch (choice) {
    case 0:
      return { text: '??'.repeat(few), instance: (chance) => drawBytes(chance, few) };
    case 1:
      return { text: `{${few}-${few + 8}}`, instance: (chance) => drawBytes(chance, few + Math.floor(chance() * 9)) };
    case 2:
      return { text: '*', instance: (chance) => drawBytes(chance, Math.floor(chance() * 100)) };
    case 3:
      return alternatives([drawBytes(random, 2), drawBytes(random, 2), drawBytes(random, 2)]);
    default: {
      const high = Math.floor(random() * 16).toString(16);
      return { text: `${high}?`, instance: (chance) => fromHex(`${high}${Math.floor(chance() * 16).toString(16)}`) ?? new Uint8Array(1) };
    }
  }
}

function alternatives(options: readonly Uint8Array[]): Part {
  return {
    text: `(${options.map(toHex).join('|')})`,
    instance: (chance) => options[Math.floor(chance() * options.length)] ?? new Uint8Array(0),
  };
}

function drawBytes(random: Random, length: number): Uint8Array {
  return Uint8Array.from({ length }, () => Math.floor(random() * 256));
}
