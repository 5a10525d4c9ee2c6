/**
 * Checks the section `anchors` in step with the signatures that it is about: a search may rely on every anchor lying
 * within its run, on exact bytes, and on every segment having its anchors. What does not fit is refused, not repaired.
 */
import { ByteReader } from '../bytes/byte-reader.js';
import { refused } from '../refused.js';
import type { SignatureWalk } from '../signatures/signature-walk.js';
import { nodeLength } from '../signatures/signature-shape.js';
import type { MaskedBytes, SignatureNode } from '../signature.js';
import { anchorCodecVersion, endOfSegment, innerGapBytes } from './anchor-codec.js';
import { isExact, laneWidths, runsOf } from './choose-anchors.js';
import { StoredAnchors } from './stored-anchors.js';

/** A cursor over the anchors of a section. */
export class AnchorWalk {
  readonly #reader: ByteReader;
  readonly #section: Uint8Array;
  readonly #anchors: StoredAnchors;
  /** The anchor that was read last. */
  #node = 0;
  #lane = 0;
  #offset = 0;
  #distance = 0;
  #checkBytes = 4;

  /** `section` is the section `signatures`. @throws VedetteError `pattern-refused` for a version that is not known. */
  constructor(bytes: Uint8Array, section: Uint8Array) {
    this.#reader = new ByteReader(bytes, 'anchors');
    this.#section = section;
    this.#anchors = new StoredAnchors(section);
    const version = this.#reader.u8();
    if (version !== anchorCodecVersion || this.#reader.varint() !== innerGapBytes) {
      throw refused('version', `anchors: encoding ${version} is not known`, { version });
    }
  }

  /** The anchors of the signature that the walk stands on. @throws VedetteError `pattern-refused`. */
  next(body: number, walk: SignatureWalk): void {
    const count = this.#reader.varint();
    this.#anchors.bodies = body + 1;
    if (count === 0) {
      this.#anchors.unsettled.push(body);
      return;
    }
    const read = walk.offsetKind > 1 ? -1 : walk.decoded === undefined ? this.#ofRuns(body, walk) : this.#ofNodes(body, walk.decoded.nodes);
    if (read !== count) {
      throw refused('malformed', `anchors: signature ${body} has other anchors than it needs`, { at: this.#reader.at });
    }
  }

  /** @throws VedetteError `pattern-refused` when bytes are left over. */
  finish(): StoredAnchors {
    this.#reader.end();
    return this.#anchors;
  }

  #read(): void {
    const head = this.#reader.varint();
    this.#lane = head % 4;
    this.#checkBytes = head % 8 < 4 ? 4 : 16;
    this.#node = Math.floor(head / 8);
    this.#offset = this.#reader.varint();
    this.#distance = this.#reader.u8() - 128;
  }

  /** A body of runs and gaps: one anchor for each segment. @returns how many there were. */
  #ofRuns(body: number, walk: SignatureWalk): number {
    let segments = 0;
    for (let from = 0; from < walk.nodes; segments++) {
      let to = from;
      let length = 0;
      while (to < walk.nodes && (walk.kinds[to]! < 4 || walk.lengths[to]! <= innerGapBytes)) {
        length += walk.lengths[to++]!;
      }
      this.#anchors.longestSegment = Math.max(this.#anchors.longestSegment, length);
      this.#read();
      const node = this.#node;
      if (node < from || node >= to || walk.kinds[node]! > 3 || !this.#isWithin(walk.lengths[node]!)) {
        throw this.#misplaced(body);
      }
      this.#add(body, { at: walk.bytesAt[node]!, length: walk.lengths[node]!, form: walk.kinds[node]!, isFirst: from === 0 });
      from = to + 1;
    }
    return segments;
  }

  /** Any body. */
  #ofNodes(body: number, nodes: readonly SignatureNode[]): number {
    let anchors = 0;
    for (let from = 0; from < nodes.length; ) {
      const to = endOfSegment(nodes, from);
      const length = nodes.slice(from, to).reduce((sum, node) => sum + nodeLength(node).max, 0);
      this.#anchors.longestSegment = Math.max(this.#anchors.longestSegment, length);
      anchors += this.#ofSegment(body, nodes, { from, to });
      from = to + 1;
    }
    return anchors;
  }

  #ofSegment(body: number, nodes: readonly SignatureNode[], { from, to }: { readonly from: number; readonly to: number }): number {
    this.#read();
    const node = this.#node;
    const runs = node >= from && node < to ? runsOf(nodes[node]!) : [];
    runs.forEach((run, option) => {
      if (option > 0) {
        this.#read();
      }
      if (this.#node !== node || !this.#isWithin(run.value.length)) {
        throw this.#misplaced(body);
      }
      this.#addOfRun(body, run, from === 0);
    });
    if (runs.length === 0) {
      throw this.#misplaced(body);
    }
    return runs.length;
  }

  #isWithin(length: number): boolean {
    const width = laneWidths[this.#lane];
    const check = this.#offset + this.#distance;
    return width !== undefined && this.#offset + width <= length && check >= 0 && check + this.#checkBytes <= length && this.#distance > -128;
  }

  #addOfRun(body: number, run: MaskedBytes, isFirst: boolean): void {
    const { value, mask } = run;
    this.#checkExact(body, (i) => isExact(value[i]!, mask[i]!));
    const isCaseless = this.#some((i) => mask[i] !== 0xff);
    this.#push(body, { bytesAt: value.byteOffset - this.#section.byteOffset + this.#offset, isCaseless, isFirst });
  }

  #add(body: number, run: { readonly at: number; readonly length: number; readonly form: number; readonly isFirst: boolean }): void {
    const section = this.#section;
    const { at, length, form, isFirst } = run;
    if (form === 2) {
      this.#checkExact(body, (i) => ((section[at + length + (i >> 2)]! >> (2 * (i & 3))) & 3) === 0);
    } else if (form === 3) {
      this.#checkExact(body, (i) => isExact(section[at + i]!, section[at + length + i]!));
    }
    const isLetter = (i: number): boolean => section[at + i]! >= 0x41 && section[at + i]! <= 0x5a;
    const isCaseless = (form === 1 && this.#some(isLetter)) || (form === 3 && this.#some((i) => section[at + length + i] !== 0xff));
    this.#push(body, { bytesAt: at + this.#offset, isCaseless, isFirst });
  }

  /** True when it holds for an index of the anchor's bytes or its check bytes. */
  #some(holds: (index: number) => boolean): boolean {
    const width = laneWidths[this.#lane]!;
    const check = this.#offset + this.#distance;
    for (let i = this.#offset; i < this.#offset + width; i++) {
      if (holds(i)) {
        return true;
      }
    }
    for (let i = check; i < check + this.#checkBytes; i++) {
      if (holds(i)) {
        return true;
      }
    }
    return false;
  }

  #checkExact(body: number, isExactAt: (index: number) => boolean): void {
    if (this.#some((i) => !isExactAt(i))) {
      throw refused('malformed', `anchors: signature ${body} has an anchor on bytes that may be others`, { at: this.#reader.at });
    }
  }

  #push(body: number, rest: { readonly bytesAt: number; readonly isCaseless: boolean; readonly isFirst: boolean }): void {
    this.#anchors.add({ body, node: this.#node, offset: this.#offset, lane: this.#lane, distance: this.#distance, checkBytes: this.#checkBytes, ...rest });
  }

  #misplaced(body: number): Error {
    return refused('malformed', `anchors: signature ${body} has an anchor outside of its bytes`, { at: this.#reader.at });
  }
}
