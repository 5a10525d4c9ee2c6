/**
 * One pass over the sections `signatures` and `anchors` that proves every byte of them. A scout, where there is one,
 * goes ahead and stops at whatever it is not sure about; the walks judge that signature, and it goes on.
 */
import { AnchorWalk } from '../anchors/anchor-walk.js';
import type { ScoutPlace, ScoutRun } from '../anchors/quick-anchors.js';
import type { StoredAnchors } from '../anchors/stored-anchors.js';
import { refused } from '../refused.js';
import type { NameClass } from './name-classes.js';
import { ObjectBudget } from './object-budget.js';
import { defaultMaxParts } from './signature-codec.js';
import type { OpenSignaturesOptions } from './signature-store.js';
import { SignatureWalk } from './signature-walk.js';

/** What is checked: `at` is where the first signature begins. */
export interface SignatureSections {
  readonly section: Uint8Array;
  readonly anchors: Uint8Array | undefined;
  readonly at: number;
  readonly classes: readonly NameClass[];
  readonly count: number;
}

/** What is known of them afterwards: where every 16th signature begins, and the anchors. */
export interface CheckedSignatures {
  readonly starts: Uint32Array;
  readonly anchors: StoredAnchors | undefined;
}

/** Signatures of which one has its place remembered: the others are walked to from there. */
export const blockSize = 16;

const wordsPerBlock = 3;

/** @throws VedetteError `pattern-refused`, `detail.cause`: truncated, version, limit, malformed. */
export function checkSignatures(sections: SignatureSections, { maxParts, scout }: OpenSignaturesOptions): CheckedSignatures {
  const { section, anchors, at, classes, count } = sections;
  const budget = new ObjectBudget(maxParts ?? defaultMaxParts);
  const walks: Walks = {
    walk: new SignatureWalk(section, at, { classes, budget }),
    anchorWalk: anchors === undefined ? undefined : new AnchorWalk(anchors, section, scout === undefined ? Math.min(count, anchors.length) : 0),
    budget,
  };
  const run = scout?.({ section, anchors, at, anchorsAt: walks.anchorWalk?.at ?? 0, count, classes: classes.length });
  const checked = run === undefined ? walkAll(walks, count) : walkBehind(walks, run, count);
  if (walks.walk.at !== section.length) {
    throw refused('malformed', `signatures: ${section.length - walks.walk.at} bytes too many`, { at: walks.walk.at });
  }
  return checked;
}

interface Walks {
  readonly walk: SignatureWalk;
  readonly anchorWalk: AnchorWalk | undefined;
  readonly budget: ObjectBudget;
}

function walkAll({ walk, anchorWalk }: Walks, count: number): CheckedSignatures {
  const starts = new Uint32Array(Math.ceil(count / blockSize));
  for (let i = 0; i < count; i++) {
    if (i % blockSize === 0) {
      starts[i / blockSize] = walk.at;
    }
    walk.next();
    anchorWalk?.next(i, walk);
  }
  return { starts, anchors: anchorWalk?.finish() };
}

function walkBehind({ walk, anchorWalk, budget }: Walks, run: ScoutRun, count: number): CheckedSignatures {
  const left: number[] = [];
  let place: ScoutPlace = { body: 0, at: walk.at, anchorsAt: anchorWalk?.at ?? 0, parts: 0 };
  for (;;) {
    place = run.next(place, budget.left);
    budget.tryTake(place.parts);
    walk.moveTo(place.at);
    anchorWalk?.moveTo(place.anchorsAt);
    if (place.body === count) {
      break;
    }
    left.push(place.body);
    walk.next();
    anchorWalk?.next(place.body, walk);
    place = { body: place.body + 1, at: walk.at, anchorsAt: anchorWalk?.at ?? 0, parts: 0 };
  }
  const finds = run.finish();
  const starts = Uint32Array.from({ length: Math.ceil(count / blockSize) }, (_, block) => finds.blocks[block * wordsPerBlock]!);
  return { starts, anchors: anchorWalk?.finishWith(finds, { bodies: count, left }) };
}
