/**
 * From the name of a signature to the threat and its family, for policies that treat families differently. Names follow
 * ClamAV's public naming guide (`Platform.Category.Name-id-revision`) loosely: any word of a name may tell.
 */
import type { Threat } from '../../base/verdict.js';

const families: Readonly<Record<string, string>> = {
  adware: 'adware',
  backdoor: 'backdoor',
  coinminer: 'coinminer',
  miner: 'coinminer',
  downloader: 'downloader',
  dropper: 'dropper',
  exploit: 'exploit',
  expl: 'exploit',
  heuristics: 'probable',
  infostealer: 'infostealer',
  ircbot: 'backdoor',
  joke: 'joke',
  hoax: 'joke',
  keylogger: 'spyware',
  macro: 'macro',
  packed: 'packer',
  packer: 'packer',
  phishing: 'phishing',
  phish: 'phishing',
  pua: 'unwanted',
  ransomware: 'ransomware',
  ransom: 'ransomware',
  rootkit: 'rootkit',
  spyware: 'spyware',
  tool: 'tool',
  trojan: 'trojan',
  troj: 'trojan',
  virus: 'virus',
  worm: 'worm',
};

/** The threat of that name, kept as it is; its type is `unclassified` where the name speaks of no family. */
export function threatFromName(name: string): Threat {
  return { name, type: threatTypeOf(name) };
}

function threatTypeOf(name: string): string {
  const text = name.toLowerCase();
  if (/eicar|\btest[-_. ](?:file|signature|sig)\b/.test(text)) {
    return 'test-file';
  }
  const words = text.split(/[^a-z0-9]+/);
  const family = words.find((word) => Object.hasOwn(families, word));
  if (family !== undefined) {
    return families[family]!;
  }
  return words.includes('cve') ? 'exploit' : 'unclassified';
}
