/** Everyone in the contest, in the order of the tables. */
import { basename } from 'node:path';
import { peerVersion } from '../peers.js';
import { loadNodeScanner } from './node-scanner.js';
import { programScanners } from './peers/programs.js';
import { vectorscanScanners } from './peers/vectorscan.js';
import type { Scanner } from './scanner.js';

/** Where engines find what they need. */
export interface Place {
  readonly benchDir: string;
  readonly dataDir: string;
  /** Folder of the corpus. */
  readonly folder: string;
  /** The bundled contest-child. */
  readonly script: string;
}

/** Ours, the floor, the peers that were asked for, and hosts' own. */
export function scannersFor(place: Place, wanted: { readonly peers: readonly string[]; readonly hostFiles: readonly string[] }): Scanner[] {
  const { script, folder } = place;
  const ours = (name: string, engine: string): Scanner => ({ name, peer: undefined, pace: 'fast', load: (set) => loadNodeScanner(set, { engine, script, folder }) });
  const inNode = (name: string, about: Pick<Scanner, 'peer' | 'version' | 'most'>, takesRules = false): Scanner => ({
    name,
    ...about,
    pace: 'slow',
    load: (set) => loadNodeScanner(set, { engine: about.peer!, script, folder, takesRules }),
  });
  // Of 100,000 signatures none of these was ready after a minute.
  const most = { count: 10_000, reason: 'not ready within a minute' };
  const packages = [
    inNode('@litko/yara-x', { peer: 'litko-yara-x', version: peerVersion('@litko/yara-x') }, true),
    inNode('@virustotal/yara-x', { peer: 'virustotal-yara-x', version: peerVersion('@virustotal/yara-x'), most }, true),
    inNode('ahocorasick', { peer: 'ahocorasick', version: peerVersion('ahocorasick'), most }),
    inNode('@monyone/aho-corasick', { peer: 'double-array', version: peerVersion('@monyone/aho-corasick'), most }),
  ];
  const hosts = wanted.hostFiles.map((hostFile): Scanner => ({
    name: `${basename(hostFile)} (own)`,
    peer: undefined,
    pace: 'slow',
    load: (set) => loadNodeScanner(set, { engine: 'host', script, folder, hostFile }),
  }));
  const all = [
    ours('vedette (WASM)', 'vedette-wasm'),
    { ...ours('vedette pattern (WASM)', 'vedette-pattern'), findsMore: 'it scans the normalised text of scripts and pages too, as clamscan does by default' },
    ours('vedette (TypeScript)', 'vedette-typescript'),
    ...vectorscanScanners(place),
    ...programScanners(folder),
    ...packages,
    ...hosts,
  ];
  return all.filter(({ peer }) => peer === undefined || wanted.peers.includes(peer));
}
