/**
 * What a repository offers, out of its verified targets metadata: full files and deltas of components. A target that
 * does not say which component it is belongs to somebody else and is passed over; one that says so and is not well
 * formed refuses the whole, since whoever signed it did not mean that.
 */
import { VedetteError } from '../base/errors.js';
import type { Json } from '../base/seams.js';
import type { ComponentKind } from '../pattern/container-format.js';

/** One file of a component. */
export interface Offer {
  readonly component: ComponentKind;
  /** Generation of the container that this file is, or that the delta makes. */
  readonly generation: number;
  /** A delta from this generation; absent for a full file. */
  readonly from?: number;
  /** Below `targets/`; slashes and plain characters only. */
  readonly path: string;
  /** Bytes of the file, exactly. */
  readonly length: number;
  /** SHA-256 of the file, hex. */
  readonly sha256: string;
  /** SHA-256 of the container that comes of it, hex; for a full file its own. */
  readonly resultSha256: string;
}

const kinds: readonly string[] = ['agent-pattern', 'filter', 'server-pattern', 'lists', 'action-table'] satisfies readonly ComponentKind[];
const maxTargets = 10_000;
const maxFileBytes = 2 ** 30;

/**
 * The offers in the text of a targets role.
 * @throws VedetteError `pattern-refused` (`detail.cause` `malformed-metadata`) naming the target and what is wrong with it.
 */
export function parseCatalogue(targetsJson: string): readonly Offer[] {
  const targets = field(field(parsed(targetsJson), 'signed'), 'targets');
  if (!isRecord(targets)) {
    throw malformed('targets', 'expected an object of targets');
  }
  const entries = Object.entries(targets);
  if (entries.length > maxTargets) {
    throw malformed('targets', `expected at most ${maxTargets} targets, got ${entries.length}`);
  }
  return entries.flatMap(([path, target]) => offerOf(path, target) ?? []);
}

function offerOf(path: string, target: unknown): Offer | undefined {
  const custom = field(target, 'custom');
  const component = field(custom, 'component');
  if (typeof component !== 'string' || !kinds.includes(component)) {
    return undefined;
  }
  const sha256 = digestOf(path, field(field(target, 'hashes'), 'sha256'));
  const from = field(custom, 'from');
  const generation = wholeOf(path, 'generation', field(custom, 'generation'), Number.MAX_SAFE_INTEGER);
  const offer = {
    component: component as ComponentKind,
    generation,
    path: plainPath(path),
    length: wholeOf(path, 'length', field(target, 'length'), maxFileBytes),
    sha256,
    resultSha256: digestOf(path, field(custom, 'sha256')),
  };
  if (from === undefined || from === null) {
    return fullOffer(offer);
  }
  const base = wholeOf(path, 'from', from, Number.MAX_SAFE_INTEGER);
  if (base >= generation) {
    throw malformed(path, `a delta from generation ${base} cannot lead to ${generation}`);
  }
  return { ...offer, from: base };
}

function fullOffer(offer: Offer): Offer {
  if (offer.resultSha256 !== offer.sha256) {
    throw malformed(offer.path, 'a full file is its own result: its two digests differ');
  }
  return offer;
}

/** Names that mean the same below a URL and below a directory, on any system. */
function plainPath(path: string): string {
  const isPlain = /^[A-Za-z0-9_-][A-Za-z0-9._-]*(\/[A-Za-z0-9_-][A-Za-z0-9._-]*)*$/.test(path) && path.length <= 200;
  if (!isPlain) {
    throw malformed(path.slice(0, 200), 'expected a plain relative path');
  }
  return path;
}

function digestOf(path: string, value: unknown): string {
  if (typeof value !== 'string' || !/^[0-9a-f]{64}$/.test(value)) {
    throw malformed(path, 'expected a SHA-256 in hex');
  }
  return value;
}

function wholeOf(path: string, name: string, value: unknown, max: number): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0 || value > max) {
    throw malformed(path, `${name}: expected an integer from 0 to ${max}`);
  }
  return value;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw malformed('targets', 'expected JSON');
  }
}

function field(value: unknown, name: string): unknown {
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function malformed(path: string, message: string): VedetteError {
  const detail: Json = { cause: 'malformed-metadata', target: path };
  return new VedetteError('pattern-refused', `the targets metadata is malformed at ${JSON.stringify(path)}: ${message}`, { detail });
}
