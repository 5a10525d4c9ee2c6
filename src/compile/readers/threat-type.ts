/**
 * From the name of a signature to the family of threat, for policies that treat families differently. Names follow
 * ClamAV's public naming guide (`Platform.Category.Name-id-revision`) loosely: any word of a name may tell.
 */

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

/** The family that the name speaks of: `unclassified` where it speaks of none. */
export function threatTypeOf(name: string): string {
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
