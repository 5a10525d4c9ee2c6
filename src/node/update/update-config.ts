/** Where a host looks for updates: the part of a configuration that Node engines have, as plain JSON. */
import { componentKinds, type ComponentKind } from '../../pattern/container-format.js';
import { sourceFaults, type SourceScope, type UpdateSource } from '../../update/sources.js';

/** Updates of an engine with a data directory. */
export interface UpdateConfig {
  /** File with the root metadata that the host trusts from the start (`root.json` of the publisher). */
  readonly root: string;
  readonly sources: readonly UpdateSource[];
  /** Of those that the host's role has. Default: all of them. */
  readonly components?: readonly ComponentKind[] | undefined;
  /** The site's own repository, from which lists and action table come, and these alone. Absent: from that of the publisher. */
  readonly site?: Pick<UpdateConfig, 'root' | 'sources'> | undefined;
  /** Files are kept as they were downloaded, to be passed on to others (`createUpdateRelay`). Default: false. */
  readonly relay?: boolean | undefined;
}

/** A fault and where it is. */
export interface UpdateConfigFault {
  readonly path: string;
  readonly message: string;
}

const scopes: readonly SourceScope[] = ['customer', 'relay', 'origin'];
const maxSources = 100;

/** All faults of a value that should be an `UpdateConfig`; none for one that is. Paths begin with `update`. */
export function updateConfigFaults(value: unknown): readonly UpdateConfigFault[] {
  const { components, site, relay, ...repository } = recordOf(value);
  return [
    ...(isRecord(value) ? [] : [{ path: 'update', message: 'expected an object' }]),
    ...faultsOfRepository(repository, 'update'),
    ...(components === undefined || isListOf(components, componentKinds) ? [] : [{ path: 'update.components', message: `expected a list of ${componentKinds.join(', ')}` }]),
    ...(relay === undefined || typeof relay === 'boolean' ? [] : [{ path: 'update.relay', message: 'expected true or false' }]),
    ...(site === undefined ? [] : isRecord(site) ? faultsOfRepository(site, 'update.site') : [{ path: 'update.site', message: 'expected an object' }]),
  ];
}

function faultsOfRepository(value: Readonly<Record<string, unknown>>, path: string): readonly UpdateConfigFault[] {
  const { root, sources, ...unknown } = value;
  return [
    ...Object.keys(unknown).map((key) => ({ path: `${path}.${key}`, message: 'is not known' })),
    ...(typeof root === 'string' && root !== '' ? [] : [{ path: `${path}.root`, message: 'expected the path of a root.json' }]),
    ...(Array.isArray(sources) && sources.length <= maxSources
      ? sources.flatMap((source: unknown, index) => faultsOfSource(source, `${path}.sources.${index}`))
      : [{ path: `${path}.sources`, message: `expected a list of at most ${maxSources} sources` }]),
  ];
}

function faultsOfSource(value: unknown, path: string): readonly UpdateConfigFault[] {
  const { url, scope, locations, networks, ...unknown } = recordOf(value);
  if (typeof url !== 'string') {
    return [{ path: `${path}.url`, message: 'expected an address' }];
  }
  const isScope = scope === undefined || scopes.some((one) => one === scope);
  const areTexts = [locations, networks].every((list) => list === undefined || isListOfTexts(list));
  if (!isScope || !areTexts || Object.keys(unknown).length > 0) {
    return [{ path, message: `expected url, scope (${scopes.join(', ')}), locations and networks (lists of texts) at most` }];
  }
  return sourceFaults([value as UpdateSource]).map((message) => ({ path: `${path}.url`, message }));
}

function isListOf(value: unknown, allowed: readonly string[]): boolean {
  return isListOfTexts(value) && value.every((one) => allowed.includes(one));
}

function isListOfTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}
