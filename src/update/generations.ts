/**
 * Which generations of which components a host has: the one in use, those before it, and what was rolled back. Pure
 * changes of one small value; where it is kept, and the files that it names, are a store's business.
 */
import { VedetteError } from '../base/errors.js';
import type { ComponentKind } from '../pattern/container-format.js';

/** One generation of a component that is kept. */
export interface KeptGeneration {
  readonly generation: number;
  /** SHA-256 of the container, hex. */
  readonly sha256: string;
  /** Bytes of the container. */
  readonly size: number;
  /** Epoch ms. */
  readonly createdAt: number;
  /** Epoch ms. */
  readonly expiresAt: number;
  /** Update period of the publisher, ms. */
  readonly periodMs: number;
  /** Epoch ms. */
  readonly installedAt: number;
}

/** What is kept of one component. */
export interface ComponentGenerations {
  readonly current: KeptGeneration;
  /** Newest first. */
  readonly previous: readonly KeptGeneration[];
  /** The newest generation that was ever in use: nothing that is not newer is taken from a network. */
  readonly newest: number;
  /** An administrator went back from this generation; gone as soon as a newer one is installed. */
  readonly rolledBack?: { readonly from: number; readonly at: number };
}

/** All components of a host. */
export interface GenerationsKept {
  /** Grows by one with every change. */
  readonly sequence: number;
  readonly components: { readonly [K in ComponentKind]?: ComponentGenerations };
}

/** Nothing is kept yet. */
export const noGenerations: GenerationsKept = { sequence: 0, components: {} };

/** How many generations are kept besides the one in use. */
export const keptGenerations = 7;

const kinds: readonly ComponentKind[] = ['agent-pattern', 'filter', 'server-pattern', 'lists', 'action-table'];

/**
 * With a newer generation in use.
 * @throws VedetteError `pattern-refused` (`older`) when it is not newer than the newest that ever was.
 */
export function withInstalled(generations: GenerationsKept, kind: ComponentKind, entry: KeptGeneration): GenerationsKept {
  const before = generations.components[kind];
  if (before !== undefined && entry.generation <= before.newest && entry.sha256 !== before.current.sha256) {
    const message = `generation ${entry.generation} of the ${kind} is not newer than ${before.newest}`;
    throw new VedetteError('pattern-refused', message, { detail: { cause: 'older', kind, generation: entry.generation, newest: before.newest } });
  }
  if (before?.current.sha256 === entry.sha256) {
    return generations;
  }
  const previous = before === undefined ? [] : [before.current, ...before.previous].slice(0, keptGenerations);
  return withComponent(generations, kind, { current: entry, previous, newest: entry.generation });
}

/**
 * With the generation before in use, or the one named. What it went back from is not taken again from a network.
 * @throws VedetteError `unsupported` when that generation is not kept.
 */
export function withRollback(generations: GenerationsKept, kind: ComponentKind, to: { readonly generation?: number | undefined; readonly at: number }): GenerationsKept {
  const before = generations.components[kind];
  const index = before?.previous.findIndex((entry) => to.generation === undefined || entry.generation === to.generation) ?? -1;
  const current = before?.previous[index];
  if (before === undefined || current === undefined) {
    const what = to.generation === undefined ? 'an earlier generation' : `generation ${to.generation}`;
    throw new VedetteError('unsupported', `${what} of the ${kind} is not kept: there is nothing to go back to`);
  }
  const rolledBack = { from: before.rolledBack?.from ?? before.current.generation, at: to.at };
  return withComponent(generations, kind, { current, previous: before.previous.slice(index + 1), newest: before.newest, rolledBack });
}

/** Digests of all containers that are kept, hex. */
export function digestsOf(generations: GenerationsKept): ReadonlySet<string> {
  const entries = Object.values(generations.components).flatMap((one) => [one.current, ...one.previous]);
  return new Set(entries.map((entry) => entry.sha256));
}

/** As text. */
export function formatGenerations(generations: GenerationsKept): string {
  return JSON.stringify({ format: 1, ...generations });
}

/**
 * The inverse. untrusted: a file on disk, whose checksum was compared.
 * @throws VedetteError `store-damaged` for anything else, `unsupported` for what a later version has written.
 */
export function parseGenerations(text: string): GenerationsKept {
  const json = recordOf(JSON.parse(text));
  if (json['format'] !== 1) {
    throw new VedetteError('unsupported', `kept generations: format ${String(json['format'])} is not known`);
  }
  const components = recordOf(json['components']);
  const parsed = kinds.flatMap((kind): [ComponentKind, ComponentGenerations][] =>
    Object.hasOwn(components, kind) ? [[kind, componentOf(components[kind])]] : [],
  );
  return { sequence: whole(json['sequence']), components: Object.fromEntries(parsed) };
}

function withComponent(generations: GenerationsKept, kind: ComponentKind, value: ComponentGenerations): GenerationsKept {
  return { sequence: generations.sequence + 1, components: { ...generations.components, [kind]: value } };
}

function componentOf(value: unknown): ComponentGenerations {
  const json = recordOf(value);
  const previous: unknown = json['previous'];
  const back = json['rolledBack'] === undefined ? undefined : recordOf(json['rolledBack']);
  return {
    current: entryOf(json['current']),
    previous: (Array.isArray(previous) ? previous : []).slice(0, keptGenerations).map(entryOf),
    newest: whole(json['newest']),
    ...(back === undefined ? {} : { rolledBack: { from: whole(back['from']), at: whole(back['at']) } }),
  };
}

function entryOf(value: unknown): KeptGeneration {
  const json = recordOf(value);
  const { sha256 } = json;
  if (typeof sha256 !== 'string' || !/^[0-9a-f]{64}$/.test(sha256)) {
    throw damaged('a digest');
  }
  return {
    generation: whole(json['generation']),
    sha256,
    size: whole(json['size']),
    createdAt: whole(json['createdAt']),
    expiresAt: whole(json['expiresAt']),
    periodMs: whole(json['periodMs']),
    installedAt: whole(json['installedAt']),
  };
}

function whole(value: unknown): number {
  if (typeof value !== 'number' || !Number.isSafeInteger(value) || value < 0) {
    throw damaged('a whole number');
  }
  return value;
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw damaged('an object');
  }
  return value as Readonly<Record<string, unknown>>;
}

function damaged(what: string): VedetteError {
  return new VedetteError('store-damaged', `kept generations: expected ${what}`);
}
