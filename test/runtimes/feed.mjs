/** What is known in this small world: one marker, one hash, two URLs, and the key that signs it all. */
import { compile } from 'vedette/compile';
import { createTestSigner } from 'vedette/testing';

const text = new TextEncoder();
const marker = 'VEDETTE-INERT-MARKER-0001';

/** Inert contents and URLs by what has to become of them. */
export const subjects = {
  planted: text.encode(`an inert file with the marker ${marker} inside`),
  listed: text.encode('an inert file that the server lists by its hash'),
  approved: text.encode(`${marker}, but the host has approved it`),
  ordinary: text.encode('nobody knows this file'),
  url: 'http://bad.example.com/phish/',
  forgedUrl: 'http://forged.example.net/',
};

/** Public half of the test signer number 1; the private half is public as well. */
export const trustedKey = 'ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w';

/** Agent pattern, filter and server pattern, signed. */
export async function components() {
  const sources = [
    { name: 'inert.ndb', format: 'ndb', text: `Inert.Marker:0:*:${hex(text.encode(marker))}\n` },
    { name: 'urls.txt', format: 'urls', text: `${subjects.url}\n${subjects.forgedUrl}\n` },
    { name: 'hashes.csv', format: 'hashes', text: `sha256,name\n${await sha256(subjects.listed)},Inert.Listed\n` },
  ];
  return compile(sources, { generation: 1, createdAt: Date.now(), signer: await createTestSigner(1), strict: true });
}

export async function sha256(bytes) {
  return hex(new Uint8Array(await crypto.subtle.digest('SHA-256', bytes)));
}

function hex(bytes) {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}
