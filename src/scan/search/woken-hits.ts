/**
 * Anchors that a match in the middle of a cell has woken, in that same cell: where each of their keys stands is asked
 * for by itself. Those that have no key of their own (alternatives, pairs of bytes) want the whole cell searched again.
 */
import { laneWidths } from '../../pattern/anchors/choose-anchors.js';
import type { Program } from '../program.js';
import type { VisitHit, VisitedCell } from './visit-hits.js';
import { visitHits } from './visit-hits.js';

/** Visits what stands in the loaded cell of these anchors, by position. */
export function visitWoken(cell: VisitedCell, woken: { readonly program: Program; readonly anchors: ReadonlySet<number> }, visit: VisitHit): void {
  const { program, anchors } = woken;
  const keys = [...anchors].map((anchor) => ({ anchor, key: keyOf(program, anchor) }));
  if (keys.some(({ key }) => key === undefined)) {
    visitHits(cell, (position, anchor) => !anchors.has(anchor) || visit(position, anchor));
    return;
  }
  const found = keys.flatMap(({ anchor, key }) => [...cell.search.positionsOf(key!, cell.size)].map((position) => ({ position, anchor })));
  found.sort((a, b) => a.position - b.position || a.anchor - b.anchor);
  for (const { position, anchor } of found) {
    if (!visit(position, anchor)) {
      return;
    }
  }
}

/** The bytes by which an anchor is found, where it has one form only. */
function keyOf(program: Program, number: number): Uint8Array | undefined {
  const { segment, node, offset } = program.anchor(number);
  const run = segment.nodes[node]!;
  const width = laneWidths[program.parts.anchors.at(number).lane];
  return run.kind === 'bytes' && width !== undefined ? run.value.subarray(offset, offset + width) : undefined;
}
