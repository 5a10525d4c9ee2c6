/** Bodies into a program: an anchor for each of their segments, and the tables that find the anchors. */
import type { GramHistogram } from '../pattern/anchors/gram-histogram.js';
import type { QuickAnchors } from '../pattern/anchors/quick-anchors.js';
import type { StoredAnchor, StoredAnchors } from '../pattern/anchors/stored-anchors.js';
import type { ChosenAnchor } from '../pattern/anchors/choose-anchors.js';
import { AnchorChooser, laneWidths, runsOf } from '../pattern/anchors/choose-anchors.js';
import type { MaskedBytes, SignatureOffset } from '../pattern/signature.js';
import { anchorShift, checkShift, distanceBias, followerFlag, lanePairs, maxAnchors } from './kernel/abi.js';
import { CellSearch } from './kernel/cell-search.js';
import type { Kernel } from './kernel/kernel.js';
import type { BodyList, PlacedAnchor, ProgramSegment, SearchedBody } from './program.js';
import { Program, knownPlaces, neighbourBytes, segmentsOf } from './program.js';
import { choosePairs } from './search/anchor-pairs.js';
import { AnchorTable, noLane } from './search/anchor-table.js';
import { LaneRows, checkHash } from './search/lane-rows.js';
import { buildPairTable } from './search/pair-table.js';
import type { Tuning } from './stream/tuning.js';
import { lengthOf } from './verify/split.js';

/** Which bodies of a list a program is made of, and how. */
export interface DraftOptions {
  readonly bodies: BodyList;
  readonly tuning: Tuning;
  /** Without one, the twin searches. */
  readonly kernel: Kernel | undefined;
  readonly histogram: GramHistogram | undefined;
}

/** A segment and where it stands. */
type Placed = ReturnType<typeof segmentsOf>[number];

/** What a row is made of, but for its bytes. */
interface RowChoice {
  readonly lane: number;
  readonly isFirst: boolean;
  readonly distance: number;
  readonly checkBytes: number;
}

const maxPairRows = 2 ** 20;

/** A program while bodies are added to it, in ascending order of their numbers. */
export class ProgramDraft {
  readonly #options: DraftOptions;
  readonly #anchors = new AnchorTable();
  readonly #chooser: AnchorChooser;
  readonly #rows = laneWidths.map(() => new LaneRows());
  readonly #awake = laneWidths.map(() => false);
  readonly #pairRows: { pair: number; anchor: number }[] = [];
  readonly #everywhere: number[] = [];
  readonly #placed: PlacedAnchor[] = [];
  readonly #late = new Map<string, { offset: SignatureOffset; bodies: number[]; unanchored: number[]; maxLength: number }>();
  #hasCaseless = false;
  #longest = 0;

  constructor(options: DraftOptions) {
    this.#options = options;
    this.#chooser = new AnchorChooser(options.histogram);
  }

  /** Adds a body, choosing its anchors. The cost is linear in its bytes. */
  add(number: number, body: SearchedBody): void {
    const segments = segmentsOf(number, body, this.#options.tuning.innerGapBytes);
    const late = knownPlaces(body.body.offset) === undefined ? this.#groupOf(body.body.offset) : undefined;
    if (late !== undefined) {
      late.bodies.push(number);
      late.maxLength = Math.max(late.maxLength, lengthOfAll(segments));
    }
    for (const one of segments) {
      this.#longest = Math.max(this.#longest, lengthOf(one.segment.nodes).max);
      this.#addSegment(one, late);
    }
  }

  /** Adds an anchor that was chosen and checked beforehand. */
  addStored(stored: StoredAnchor, bytes: Uint8Array): void {
    const anchor = this.#anchors.add(stored);
    this.#hasCaseless ||= stored.isCaseless;
    this.#addRow(anchor, stored, { bytes, at: stored.bytesAt });
  }

  /** Begins with anchors that are rows already. */
  begin({ finds, index }: QuickAnchors): void {
    this.#anchors.begin(index);
    this.#hasCaseless = finds.isCaseless;
    finds.rows.forEach((rows, lane) => (this.#rows[lane] = new LaneRows(rows)));
    finds.awake.forEach((isAwake, lane) => (this.#awake[lane] = isAwake));
  }

  /** Makes room for anchors that will be added. */
  reserve(anchors: number): void {
    this.#anchors.reserve(anchors);
    this.#rows[0]!.reserve(anchors);
  }

  /** Stored anchors are of segments of this many bytes at most. */
  reachAtLeast(longestSegment: number): void {
    this.#longest = Math.max(this.#longest, longestSegment);
  }

  finish(): Program {
    const { bodies, tuning, kernel } = this.#options;
    const fold = this.#hasCaseless ? 0x20202020 : 0;
    if (fold !== 0) {
      this.#rows.forEach((rows, lane) => rows.fold(laneWidths[lane]!));
    }
    const pairs = this.#pairRows.length === 0 ? undefined : buildPairTable(this.#pairRows);
    const tables = { lanes: this.#rows, awake: this.#awake, pairs: this.#pairRows.map(({ pair }) => pair), hasPairs: pairs !== undefined, anchors: this.#anchors.count, fold };
    this.#anchors.trim();
    return new Program({
      bodies,
      anchors: this.#anchors,
      search: new CellSearch(tables, kernel),
      weak: { pairs, everywhere: this.#everywhere },
      placed: this.#placed.sort((a, b) => a.lo - b.lo || a.anchor - b.anchor),
      late: [...this.#late.values()],
      lookBehind: this.#longest + neighbourBytes,
      lookAhead: this.#longest + neighbourBytes + tuning.maxPlaces,
      innerGapBytes: tuning.innerGapBytes,
    });
  }

  /** Finds the segment an anchor: a strong one, else a few fixed places, else a weak one, else every position. */
  #addSegment({ segment, firstNode }: Placed, late: { unanchored: number[] } | undefined): void {
    const chosen = this.#chooser.choose(segment.nodes);
    if (chosen !== undefined) {
      chosen.forEach((anchor) => this.#addStrong(segment, firstNode, anchor));
      return;
    }
    if (segment.isFirst && placesAtMost(segment.offset) <= this.#options.tuning.maxPlaces) {
      const anchor = this.#anchors.add({ body: segment.body, node: firstNode, offset: 0, lane: noLane });
      const places = segment.places;
      if (places === undefined) {
        late!.unanchored.push(anchor);
      } else {
        this.#placed.push({ anchor, lo: places[0]!, hi: places[1]! });
      }
      return;
    }
    this.#addWeak(segment, firstNode);
  }

  #addStrong(segment: ProgramSegment, firstNode: number, { lane, node, option, offset, distance, checkBytes }: ChosenAnchor): void {
    const anchor = this.#anchors.add({ body: segment.body, node: firstNode + node, offset, lane });
    const run = runsOf(segment.nodes[node]!)[option]!;
    this.#hasCaseless ||= isCaseless(run, offset, laneWidths[lane]!) || (checkBytes === 4 && isCaseless(run, offset + distance, 4));
    this.#addRow(anchor, { lane, isFirst: segment.isFirst, distance, checkBytes }, { bytes: run.value, at: offset });
  }

  #addRow(anchor: number, { lane, isFirst, distance, checkBytes }: RowChoice, { bytes, at }: { readonly bytes: Uint8Array; readonly at: number }): void {
    if (anchor > maxAnchors) {
      throw new RangeError(`a set of signatures has more than ${maxAnchors} anchors`);
    }
    this.#awake[lane] ||= isFirst;
    const width = laneWidths[lane]!;
    const rows = this.#rows[lane]!;
    const row = rows.add();
    const words = rows.room;
    words[row] = wordAt(bytes, at);
    words[row + 1] = width === 8 ? wordAt(bytes, at + 4) : width === 5 ? bytes[at + 4]! : 0;
    const form = checkBytes / 4 - 1;
    words[row + 2] = anchor * 2 ** anchorShift + form * 2 ** checkShift + (isFirst ? 0 : followerFlag) + distance + distanceBias;
    words[row + 3] = form === 0 ? wordAt(bytes, at + distance) : checkHash(bytes, at + distance, form);
  }

  #addWeak(segment: ProgramSegment, firstNode: number): void {
    const pairs = choosePairs(segment.nodes, Math.min(this.#options.tuning.maxPairs, maxPairRows - this.#pairRows.length));
    if (pairs === undefined) {
      this.#everywhere.push(this.#anchors.add({ body: segment.body, node: firstNode, offset: 0, lane: noLane }));
      return;
    }
    for (const choice of pairs) {
      const anchor = this.#anchors.add({ body: segment.body, node: firstNode + choice.node, offset: choice.offset, lane: lanePairs });
      choice.pairs.forEach((pair) => this.#pairRows.push({ pair, anchor }));
    }
  }

  #groupOf(offset: SignatureOffset): { bodies: number[]; unanchored: number[]; maxLength: number } {
    const key = JSON.stringify(offset);
    const known = this.#late.get(key) ?? { offset, bodies: [], unanchored: [], maxLength: 0 };
    this.#late.set(key, known);
    return known;
  }
}

/** Adds stored anchors, and between them the bodies that have none, in ascending order of bodies. */
export function addStored(draft: ProgramDraft, anchors: StoredAnchors, addUnsettled: (body: number) => void): void {
  let unsettled = 0;
  if (anchors.quick !== undefined) {
    draft.begin(anchors.quick);
  }
  draft.reserve(anchors.count);
  for (let i = 0; i < anchors.count; i++) {
    const one = anchors.at(i);
    while (unsettled < anchors.unsettled.length && anchors.unsettled[unsettled]! < one.body) {
      addUnsettled(anchors.unsettled[unsettled++]!);
    }
    draft.addStored(one, anchors.bytes);
  }
  anchors.unsettled.slice(unsettled).forEach(addUnsettled);
  draft.reachAtLeast(anchors.longestSegment);
}

/** A program of the bodies with these numbers. */
export function compileProgram(numbers: Iterable<number>, options: DraftOptions): Program {
  const draft = new ProgramDraft(options);
  for (const number of numbers) {
    draft.add(number, options.bodies.at(number));
  }
  return draft.finish();
}

function lengthOfAll(segments: readonly Placed[]): number {
  return segments.reduce((sum, { segment }) => sum + lengthOf(segment.nodes).max + (segment.gapAfter === undefined ? 0 : (segment.gapAfter.max ?? Number.POSITIVE_INFINITY)), 0);
}

/** How many places a body may begin at, one after the other. Version information names single places, but many. */
function placesAtMost(offset: SignatureOffset): number {
  return 'shift' in offset ? offset.shift + 1 : Number.POSITIVE_INFINITY;
}

function isCaseless({ mask }: MaskedBytes, from: number, count: number): boolean {
  for (let i = from; i < from + count; i++) {
    if (mask[i] !== 0xff) {
      return true;
    }
  }
  return false;
}

/** Four bytes as a little-endian number. */
function wordAt(bytes: Uint8Array, at: number): number {
  return (bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)) >>> 0;
}
