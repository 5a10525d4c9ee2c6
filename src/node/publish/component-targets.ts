/**
 * The targets of one component: its newest file and the deltas that lead there, as two roles list them. Pure. The newest delta
 * stands beside the file, the others in the second role, so that whoever keeps up reads little.
 */
import type { ComponentKind } from '../../pattern/container-format.js';
import { deltaPath, fullPath } from './roles/roles.js';
import type { TargetsSigned, TufTarget } from './roles/tuf-json.js';

/** A file with its gzip form. */
export interface TargetPair {
  readonly target: TufTarget;
  readonly packed: TufTarget | undefined;
}

/** A delta. */
export interface Step extends TargetPair {
  readonly from: number;
}

/** What is published of a component. */
export interface PublishedTargets {
  readonly full: TargetPair;
  /** The one that leads to the newest file first, each to the one before it in this list. */
  readonly steps: readonly Step[];
}

type Targets = TargetsSigned['targets'];

/** Deltas that take more than this share of the file are not worth their work. */
const chainShare = 0.6;

/** What two roles list; undefined when there is no whole file. */
export function publishedTargets(kind: ComponentKind, newest: Targets, past: Targets): PublishedTargets | undefined {
  const all = { ...past, ...newest };
  const full = pairAt(all, fullPath(kind));
  if (full === undefined) {
    return undefined;
  }
  const steps: Step[] = [];
  for (let to = full.target.custom.generation; ; ) {
    const step = stepTo(all, kind, to);
    if (step === undefined) {
      return { full, steps };
    }
    steps.push(step);
    to = step.from;
  }
}

/** The inverse: what the two roles list. */
export function roleTargets(kind: ComponentKind, { full, steps }: PublishedTargets): readonly [newest: Targets, past: Targets] {
  const [first, ...rest] = steps;
  const listed = (step: Step): Targets => listedPair(deltaPath(kind, step.from), step);
  return [{ ...listedPair(fullPath(kind), full), ...(first === undefined ? {} : listed(first)) }, Object.assign({}, ...rest.map(listed)) as Targets];
}

/** The steps to a new file: as many as are allowed, and together worth less than the file. A missing one cuts the rest off. */
export function nextSteps(full: TargetPair, { step, before, max }: { readonly step: Step | undefined; readonly before: readonly Step[]; readonly max: number }): Step[] {
  const steps: Step[] = [];
  let bytes = 0;
  for (const one of step === undefined ? [] : [step, ...before]) {
    bytes += one.target.length;
    if (steps.length === max || bytes >= chainShare * full.target.length) {
      break;
    }
    steps.push(one);
  }
  return steps;
}

function stepTo(all: Targets, kind: ComponentKind, to: number): Step | undefined {
  const found = Object.entries(all).find(([, { custom }]) => custom.from !== undefined && custom.generation === to && custom.encoding === undefined);
  const from = found?.[1].custom.from;
  const pair = from === undefined || from >= to ? undefined : pairAt(all, deltaPath(kind, from));
  return pair === undefined || from === undefined ? undefined : { ...pair, from };
}

function pairAt(all: Targets, path: string): TargetPair | undefined {
  const target = all[path];
  return target === undefined ? undefined : { target, packed: all[`${path}.gz`] };
}

function listedPair(path: string, { target, packed }: TargetPair): Targets {
  return { [path]: target, ...(packed === undefined ? {} : { [`${path}.gz`]: packed }) };
}
