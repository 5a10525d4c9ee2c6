/**
 * Sets of byte positions as sorted, disjoint, not adjacent, closed intervals in one flat array [lo, hi, lo, hi, …].
 * A gap of any width turns one position into one interval, so sets stay as small as what matched.
 */

/** Empty is an empty array. Treated as immutable once built. */
export type PositionSet = readonly number[];

/** A set while it is being built. */
export type PositionSetBuilder = number[];

/** The set that holds this interval only. */
export function interval(lo: number, hi: number): number[] {
  return lo > hi ? [] : [lo, hi];
}

/** Adds an interval whose `lo` is not below any `lo` added before. */
export function append(set: PositionSetBuilder, lo: number, hi: number): void {
  const last = set.length - 1;
  if (last > 0 && lo <= set[last]! + 1) {
    set[last] = Math.max(set[last]!, hi);
  } else {
    set.push(lo, hi);
  }
}

/** The positions from `min` to `max` further than each one of the set, those outside [from, to] left out. */
export function spread(
  set: PositionSet,
  distance: { readonly min: number; readonly max: number },
  bounds: { readonly from: number; readonly to: number },
): PositionSet {
  const out: PositionSetBuilder = [];
  for (let i = 0; i < set.length; i += 2) {
    const lo = Math.max(set[i]! + distance.min, bounds.from);
    const hi = Math.min(set[i + 1]! + distance.max, bounds.to);
    if (lo <= hi) {
      append(out, lo, hi);
    }
  }
  return out;
}

/** The set with `by` added to every position. */
export function shifted(set: PositionSet, by: number): PositionSet {
  return by === 0 ? set : set.map((position) => position + by);
}

/** Both sets together, as a new one. */
export function union(a: PositionSet, b: PositionSet): number[] {
  const out: PositionSetBuilder = [];
  let i = 0;
  let j = 0;
  while (i < a.length || j < b.length) {
    if (j >= b.length || (i < a.length && a[i]! <= b[j]!)) {
      append(out, a[i]!, a[i + 1]!);
      i += 2;
    } else {
      append(out, b[j]!, b[j + 1]!);
      j += 2;
    }
  }
  return out;
}

/** The smallest position that is in both sets, or undefined. Cost: the length of `a`, the logarithm of that of `b`. */
export function firstCommon(a: PositionSet, b: PositionSet): number | undefined {
  let i = 0;
  let j = firstReaching(b, a[0] ?? 0);
  while (i < a.length && j < b.length) {
    const lo = Math.max(a[i]!, b[j]!);
    if (lo <= a[i + 1]! && lo <= b[j + 1]!) {
      return lo;
    }
    if (a[i + 1]! < b[j + 1]!) {
      i += 2;
    } else {
      j += 2;
    }
  }
  return undefined;
}

/** The positions that are in both sets. Cost: the length of `a`, the logarithm of that of `b`, and what they share. */
export function common(a: PositionSet, b: PositionSet): number[] {
  const out: PositionSetBuilder = [];
  let j = firstReaching(b, a[0] ?? 0);
  for (let i = 0; i < a.length && j < b.length; ) {
    const lo = Math.max(a[i]!, b[j]!);
    const hi = Math.min(a[i + 1]!, b[j + 1]!);
    if (lo <= hi) {
      out.push(lo, hi);
    }
    if (a[i + 1]! < b[j + 1]!) {
      i += 2;
    } else {
      j += 2;
    }
  }
  return out;
}

/** Index of the first interval that does not end below `position`. Cost: a logarithm. */
export function firstReaching(set: PositionSet, position: number): number {
  let low = 0;
  let high = set.length / 2;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (set[2 * middle + 1]! < position) {
      low = middle + 1;
    } else {
      high = middle;
    }
  }
  return 2 * low;
}
