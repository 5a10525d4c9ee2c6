/** Everyone in the contest, in the order of the tables. */
import { basename } from 'node:path';
import { loadNodeScanner } from './node-scanner.js';
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
  const hosts = wanted.hostFiles.map((hostFile): Scanner => ({
    name: `${basename(hostFile)} (own)`,
    peer: undefined,
    pace: 'slow',
    load: (set) => loadNodeScanner(set, { engine: 'host', script, folder, hostFile }),
  }));
  const all = [vedette, ...vectorscanScanners(place), ...hosts];
  return all.filter(({ peer }) => peer === undefined || wanted.peers.includes(peer));
}
