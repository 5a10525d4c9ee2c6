/**
 * Bodies whose place only the end or the structure of the content tells: once it is known, the bytes in question are
 * read again, and only these.
 */
import { VedetteError, throwIfAborted } from '../../base/errors.js';
import type { Signal } from '../../base/seams.js';
import type { ByteSource } from '../../base/subject.js';
import type { SignatureOffset } from '../../pattern/signature.js';
import type { BodySink } from '../body-search.js';
import { neighbourBytes } from '../program.js';
import type { OffsetGroup, Placement, PlacedAnchor, Program } from '../program.js';
import { marksOf, wake } from '../search/pass-marks.js';
import type { PositionSet } from '../verify/position-set.js';
import { interval, union } from '../verify/position-set.js';
import { Verifier } from '../verify/verifier.js';
import { StreamScan } from './stream-scan.js';
import type { Tuning } from './tuning.js';
import type { WorkBudget } from './work-budget.js';

/** Bytes read at once. */
const readBytes = 65_536;

/** What a late scan is told. */
export interface LateScanOptions {
  readonly program: Program;
  readonly tuning: Tuning;
  readonly budget: WorkBudget;
  readonly sink: BodySink;
  readonly source: ByteSource;
  /** Bytes of the content. */
  readonly size: number;
  resolve(offset: SignatureOffset): readonly Placement[];
}

/** Looks for the bodies of the program where they may begin. @returns false when the source ends too early. */
export function scanLate(options: LateScanOptions, signal: Signal): boolean | Promise<boolean> {
  const groups = options.program.parts.late.map((group) => ({ ...group, places: positionsOf(options.resolve(group.offset), options.size) }));
  const found = groups.filter(({ places }) => places.length > 0);
  if (found.length === 0 || options.sink.over || options.budget.exhausted) {
    return true;
  }
  return scanRanges(options, found, signal);
}

interface PlacedGroup extends OffsetGroup {
  readonly places: PositionSet;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

async function scanRanges(options: LateScanOptions, groups: readonly PlacedGroup[], signal: Signal): Promise<boolean> {
  const { program, tuning, budget, source, sink } = options;
  const marks = marksOf(program);
  const places = new Map(groups.flatMap((group) => group.bodies.map((body) => [body, group.places] as const)));
  const verifier = new Verifier({
    budget,
    sink,
    lookBehind: program.parts.lookBehind,
    maxRemembered: tuning.maxRemembered,
    placesOf: (body) => places.get(body),
    reached: (segment) => wake(program, marks, segment),
  });
  const anchors = placedAnchors(groups);
  for (const { from, to } of rangesToRead(groups, options.size)) {
    const placed = anchors.filter(({ lo }) => lo >= from && lo < to);
    const scan = new StreamScan({ program, tuning, budget, sink, verifier, marks, startAt: from, placed });
    const isWhole = await feedRange(scan, { from, to, source }, signal);
    scan.finish();
    if (!isWhole) {
      return false;
    }
  }
  return true;
}

function positionsOf(placements: readonly Placement[], size: number): PositionSet {
  return placements.reduce<PositionSet>((all, { lo, hi }) => union(all, interval(Math.max(0, lo), Math.min(hi, size - 1))), []);
}

/** What has to be read so that every body is seen whole wherever it may begin: [from, to), ascending, disjoint. */
function rangesToRead(groups: readonly PlacedGroup[], size: number): Range[] {
  const all = groups.flatMap(({ places, maxLength }) =>
    Array.from({ length: places.length / 2 }, (_, i) => ({
      from: Math.max(0, places[2 * i]! - neighbourBytes),
      to: Math.min(size, places[2 * i + 1]! + 1 + maxLength + neighbourBytes),
    })),
  );
  const ranges: { from: number; to: number }[] = [];
  for (const { from, to } of all.sort((a, b) => a.from - b.from)) {
    const last = ranges[ranges.length - 1];
    if (last === undefined || from > last.to) {
      ranges.push({ from, to });
    } else {
      last.to = Math.max(last.to, to);
    }
  }
  return ranges;
}

function placedAnchors(groups: readonly PlacedGroup[]): PlacedAnchor[] {
  const placed = groups.flatMap(({ unanchored, places }) =>
    unanchored.flatMap((anchor) => Array.from({ length: places.length / 2 }, (_, i) => ({ anchor, lo: places[2 * i]!, hi: places[2 * i + 1]! }))),
  );
  return placed.sort((a, b) => a.lo - b.lo || a.anchor - b.anchor);
}

/** Feeds `scan` with the bytes from `from` to `to`. @returns false when the source ends before `to`. */
async function feedRange(
  scan: StreamScan,
  range: { readonly from: number; readonly to: number; readonly source: ByteSource },
  options: Signal,
): Promise<boolean> {
  const window = new Uint8Array(Math.min(readBytes, range.to - range.from));
  for (let at = range.from; at < range.to && !scan.over; ) {
    throwIfAborted(options.signal);
    const into = window.subarray(0, Math.min(window.length, range.to - at));
    const reading = range.source.read(at, into, options);
    const count = typeof reading === 'number' ? reading : await reading;
    // untrusted: a source is the host's code over somebody's bytes
    if (!Number.isInteger(count) || count < 0 || count > into.length) {
      throw new VedetteError('unsupported', `a byte source returned ${count} for a read of ${into.length} bytes`);
    }
    if (count === 0) {
      return false;
    }
    scan.push(into.subarray(0, count));
    at += count;
  }
  return true;
}
