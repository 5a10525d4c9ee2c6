/**
 * What is often said of a hash, encoded, in slots of 128 bytes that lie in one block: 5,000 names take less memory than a
 * processor keeps near itself, where as many objects would take several times that. A slot is taken over by the next name
 * and class that fall into it.
 */
import type { EncodedRecord, SaidAt } from '../encoded/statement-list.js';

/** Name (u32), class plus one (u32; 0: empty), length of `after`, first byte of `before`, two bytes free, then `after`. */
const slotBytes = 128;
const classAt = 4;
const lengthAt = 8;
const firstAt = 9;
const afterAt = 12;
/** Longer ones are not kept: their records are written one by one. */
const maxAfter = slotBytes - afterAt;

const leastBits = 6;
const mostBits = 16;
/** Spreads the classes, so that the same name of another class has another slot. */
const spread = 0x9e37_79b1;

/** Slots for a table of so many names: each has one of its own while they fit. */
export class SaidSlots {
  readonly count: number;
  readonly #view: DataView;

  constructor(names: number) {
    this.count = 2 ** Math.min(mostBits, Math.max(leastBits, Math.ceil(Math.log2(names + 1))));
    this.#view = new DataView(new ArrayBuffer(this.count * slotBytes));
  }

  /** The slot of a name and a class, whatever it holds. */
  slotOf(name: number, classIndex: number): number {
    return (name + Math.imul(classIndex, spread)) & (this.count - 1);
  }

  /** True when the slot holds this name and class. */
  holds(slot: number, name: number, classIndex: number): boolean {
    const at = slot * slotBytes;
    return this.#view.getUint32(at, true) === name && this.#view.getUint32(at + classAt, true) === classIndex + 1;
  }

  /** What the slot holds, until something else is put there. */
  at(slot: number): SaidAt {
    const at = slot * slotBytes;
    return { view: this.#view, at: at + afterAt, length: this.#view.getUint8(at + lengthAt), first: this.#view.getUint8(at + firstAt) };
  }

  /** Keeps it in its slot, or empties the slot where it is too long. */
  put(name: number, classIndex: number, { before, after }: EncodedRecord): void {
    const at = this.slotOf(name, classIndex) * slotBytes;
    const isKept = after.length <= maxAfter;
    this.#view.setUint32(at, name, true);
    this.#view.setUint32(at + classAt, isKept ? classIndex + 1 : 0, true);
    if (isKept) {
      this.#view.setUint8(at + lengthAt, after.length);
      this.#view.setUint8(at + firstAt, before[0]!);
      new Uint8Array(this.#view.buffer).set(after, at + afterAt);
    }
  }
}
