/** What is known in which generation, by the publisher and by the customer. */
import { createHash } from 'node:crypto';

export const sha256 = (content) => createHash('sha256').update(content).digest('hex');

/** What the publisher knows in a generation: byte signatures, and hashes of which each generation has 20 more. */
export function feedOf(generation) {
  const hashes = Array.from({ length: 2000 + 20 * generation }, (_, n) => sha256(`Vedette fleet sample ${n}`));
  const known = Array.from({ length: generation }, (_, n) => [sample(n + 1), lateSample(n + 1)]).flat().map((bytes) => sha256(bytes));
  const markers = Array.from({ length: 60 }, (_, n) => `Vedette.Fleet.Marker${n}:0:*:${Buffer.from(`fleet-marker-${n}-${sha256(String(n)).slice(0, 24)}`).toString('hex')}`);
  return [
    { name: 'hashes.txt', format: 'hashes', text: [...hashes, ...known].join('\n') },
    { name: 'markers.ndb', format: 'ndb', text: markers.join('\n') },
  ];
}

export const sample = (generation) => Buffer.from(`a file that is known from generation ${generation} on`);
export const lateSample = (generation) => Buffer.from(`another file that is known from generation ${generation} on`);

/** A file that only the customer has something against, from the n-th publication of his lists on. */
export const unwanted = (n) => Buffer.from(`a file that the site does not want, number ${n}`);
/** What the site blocks by then; and finds are blocked and left where they are, where the default would take them away. */
export const siteSays = (n) => ({ block: Array.from({ length: n }, (_, i) => unwanted(i + 1)), actions: { other: { access: 'block', remedy: 'none' } } });
