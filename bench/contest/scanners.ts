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
  const vedette: Scanner = {
    name: 'vedette (TypeScript)',
    peer: undefined,
    pace: 'fast',
    load: (set) => loadNodeScanner(set, { engine: 'vedette-typescript', script, folder }),
  };
  const inNode = (name: string, about: Pick<Scanner, 'peer' | 'version' | 'most'>, takesRules = false): Scanner => ({
    name,
    ...about,
    pace: 'slow',
    load: (set) => loadNodeScanner(set, { engine: about.peer!, script, folder, takesRules }),
  });
  const packages = [
    inNode('@litko/yara-x', { peer: 'litko-yara-x', version: peerVersion('@litko/yara-x') }, true),
    inNode('@virustotal/yara-x', { peer: 'virustotal-yara-x', version: peerVersion('@virustotal/yara-x') }, true),
    inNode('ahocorasick', { peer: 'ahocorasick', version: peerVersion('ahocorasick') }),
    inNode('@monyone/aho-corasick', { peer: 'double-array', version: peerVersion('@monyone/aho-corasick') }),
  ];
  const hosts = wanted.hostFiles.map((hostFile): Scanner => ({
    name: `${basename(hostFile)} (own)`,
    peer: undefined,
    pace: 'slow',
    load: (set) => loadNodeScanner(set, { engine: 'host', script, folder, hostFile }),
  }));
  const all = [vedette, ...vectorscanScanners(place), ...programScanners(folder), ...packages, ...hosts];
  return all.filter(({ peer }) => peer === undefined || wanted.peers.includes(peer));
}
