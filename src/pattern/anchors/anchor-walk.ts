/**
 * Checks the section `anchors` in step with the signatures that it is about: a search may rely on every anchor lying
 * within its run, on exact bytes, and on every segment having its anchors. What does not fit is refused, not repaired.
 */
import { QuickCursor } from '../bytes/quick-cursor.js';
import { refused } from '../refused.js';
import type { SignatureWalk } from '../signatures/signature-walk.js';
import { nodeLength } from '../signatures/signature-shape.js';
import type { MaskedBytes, SignatureNode } from '../signature.js';
import { anchorCodecVersion, endOfSegment, innerGapBytes } from './anchor-codec.js';
import { checkWordBytes, isExact, laneWidths, maxCheckAfter, maxCheckBefore, runsOf } from './choose-anchors.js';
import type { ScoutFinds } from './quick-anchors.js';
import { AnchorIndex, QuickAnchors } from './quick-anchors.js';
import type { StoredAnchor } from './stored-anchors.js';
import { StoredAnchors } from './stored-anchors.js';

/** A cursor over the anchors of a section; its fields are those of the anchor that was read last. */
export class AnchorWalk implements StoredAnchor {
  readonly #cursor: QuickCursor;
  readonly #section: Uint8Array;
  readonly #anchors: StoredAnchors;
  readonly #unsettled: number[] = [];
  body = 0;
  node = 0;
  offset = 0;
  lane = 0;
  bytesAt = 0;
  distance = 0;
  checkBytes: number = checkWordBytes;
  isCaseless = false;
  isFirst = false;

  /** `section` is the section `signatures`; room is made for the `expected` anchors. @throws VedetteError `pattern-refused` for a version that is not known. */
  constructor(bytes: Uint8Array, section: Uint8Array, expected: number) {
    this.#cursor = new QuickCursor(bytes);
    this.#section = section;
    this.#anchors = new StoredAnchors(section, expected);
    const version = this.#cursor.varint();
    if (version !== anchorCodecVersion || this.#cursor.varint() !== innerGapBytes) {
      throw refused('version', `anchors: encoding ${version} is not known`, { version: version ?? null });
    }
  }

  /** Where the anchors of the next signature begin. */
  get at(): number {
    return this.#cursor.at;
  }

  /** Moves to a place where the anchors of a signature begin. */
  moveTo(at: number): void {
    this.#cursor.at = at;
  }

  /** The anchors of the signature that the walk stands on. @throws VedetteError `pattern-refused`. */
  next(body: number, walk: SignatureWalk): void {
    const count = this.#cursor.varint();
    this.body = body;
    this.#anchors.bodies = body + 1;
    if (count === 0) {
      this.#unsettled.push(body);
      return;
    }
    const read = walk.offsetKind > 1 ? -1 : walk.decoded === undefined ? this.#ofRuns(walk) : this.#ofNodes(walk.decoded.nodes);
    if (read !== count || this.#cursor.isBad) {
      throw this.#misplaced();
    }
  }

  /** @throws VedetteError `pattern-refused` when bytes are left over, or too few were there. */
  finish(): StoredAnchors {
    const { at, bytes } = this.#cursor;
    if (at !== bytes.length) {
      throw refused(at > bytes.length ? 'truncated' : 'malformed', `anchors: ${bytes.length} bytes where ${at} were expected`);
    }
    this.#anchors.unsettled = this.#unsettled;
    return this.#anchors;
  }

  /** The same when a scout went ahead, which left the signatures `left`, of `bodies` in all, to this walk. */
  finishWith(finds: ScoutFinds, { bodies, left }: { readonly bodies: number; readonly left: readonly number[] }): StoredAnchors {
    const anchors = this.finish();
    anchors.bodies = bodies;
    anchors.unsettled = Uint32Array.from([...anchors.unsettled, ...finds.unsettled]).sort();
    anchors.longestSegment = Math.max(anchors.longestSegment, finds.longestSegment);
    anchors.quick = new QuickAnchors(finds, new AnchorIndex(this.#cursor.bytes, { finds, bodies, left }));
    return anchors;
  }

  #read(): void {
    const cursor = this.#cursor;
    const head = cursor.varint();
    this.lane = head & 3;
    this.checkBytes = checkWordBytes * (((head >> 2) & 7) + 1);
    this.node = head >> 5;
    this.offset = cursor.varint();
    this.distance = cursor.bytes[cursor.at++]! - maxCheckBefore;
  }

  /** A body of runs and gaps: one anchor for each segment. @returns how many there were. */
  #ofRuns(walk: SignatureWalk): number {
    let segments = 0;
    for (let from = 0; from < walk.nodes; segments++) {
      let to = from;
      let length = 0;
      while (to < walk.nodes && (walk.kinds[to]! < 4 || walk.lengths[to]! <= innerGapBytes)) {
        length += walk.lengths[to++]!;
      }
      this.#anchors.longestSegment = Math.max(this.#anchors.longestSegment, length);
      this.#read();
      const { node } = this;
      if (!(node >= from && node < to) || walk.kinds[node]! > 3 || !this.#isWithin(walk.lengths[node]!)) {
        throw this.#misplaced();
      }
      this.isFirst = from === 0;
      this.#addAt(walk.bytesAt[node]!, walk.lengths[node]!, walk.kinds[node]!);
      from = to + 1;
    }
    return segments;
  }

  /** Any body. */
  #ofNodes(nodes: readonly SignatureNode[]): number {
    let anchors = 0;
    for (let from = 0; from < nodes.length; ) {
      const to = endOfSegment(nodes, from);
      const length = nodes.slice(from, to).reduce((sum, node) => sum + nodeLength(node).max, 0);
      this.#anchors.longestSegment = Math.max(this.#anchors.longestSegment, length);
      anchors += this.#ofSegment(nodes, { from, to });
      from = to + 1;
    }
    return anchors;
  }

  #ofSegment(nodes: readonly SignatureNode[], { from, to }: { readonly from: number; readonly to: number }): number {
    this.#read();
    const { node } = this;
    const runs = node >= from && node < to ? runsOf(nodes[node]!) : [];
    runs.forEach((run, option) => {
      if (option > 0) {
        this.#read();
      }
      if (this.node !== node || !this.#isWithin(run.value.length)) {
        throw this.#misplaced();
      }
      this.isFirst = from === 0;
      this.#addOfRun(run);
    });
    if (runs.length === 0) {
      throw this.#misplaced();
    }
    return runs.length;
  }

  #isWithin(length: number): boolean {
    const width = laneWidths[this.lane];
    const check = this.offset + this.distance;
    return width !== undefined && this.offset + width <= length && check >= 0 && check + this.checkBytes <= length && this.distance <= maxCheckAfter;
  }

  #addOfRun({ value, mask }: MaskedBytes): void {
    this.#checkExact((i) => isExact(value[i]!, mask[i]!));
    this.isCaseless = this.#some((i) => mask[i] !== 0xff);
    this.bytesAt = value.byteOffset - this.#section.byteOffset + this.offset;
    this.#anchors.add(this);
  }

  /** The anchor in a run of that mask form whose bytes lie at `at` in the section. */
  #addAt(at: number, length: number, form: number): void {
    const section = this.#section;
    this.isCaseless = false;
    if (form === 1) {
      this.isCaseless = this.#some((i) => section[at + i]! >= 0x41 && section[at + i]! <= 0x5a);
    } else if (form === 2) {
      this.#checkExact((i) => ((section[at + length + (i >> 2)]! >> (2 * (i & 3))) & 3) === 0);
    } else if (form === 3) {
      this.#checkExact((i) => isExact(section[at + i]!, section[at + length + i]!));
      this.isCaseless = this.#some((i) => section[at + length + i] !== 0xff);
    }
    this.bytesAt = at + this.offset;
    this.#anchors.add(this);
  }

  /** True when it holds for an index of the anchor's bytes or its check bytes. */
  #some(holds: (index: number) => boolean): boolean {
    return someOf(this.offset, laneWidths[this.lane]!, holds) || someOf(this.offset + this.distance, this.checkBytes, holds);
  }

  #checkExact(isExactAt: (index: number) => boolean): void {
    if (this.#some((i) => !isExactAt(i))) {
      throw refused('malformed', `anchors: signature ${this.body} has an anchor on bytes that may be others`);
    }
  }

  #misplaced(): Error {
    const { at, bytes } = this.#cursor;
    return refused(at > bytes.length ? 'truncated' : 'malformed', `anchors: those of signature ${this.body} are not where they should be`, { at });
  }
}

function someOf(from: number, count: number, holds: (index: number) => boolean): boolean {
  for (let i = from; i < from + count; i++) {
    if (holds(i)) {
      return true;
    }
  }
  return false;
}
