/**
 * Writes the feed into a folder: `node make-feed.mjs DIR`. The sources beside this file are copied as they are; the
 * one about the EICAR test file is made here, since a scanner may take a file with that string in it for a find.
 */
import { createHash } from 'node:crypto';
import { cpSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { eicar } from './samples.mjs';

const here = fileURLToPath(new URL('.', import.meta.url));

/** How `vedette compile` is told the format of a source whose ending does not tell it. */
const formats = { 'urls.txt': 'urls', 'domains.txt': 'domains', 'hashes.csv': 'hashes', 'approved-urls.txt': 'approved-urls' };

/** Writes the whole feed into `dir`. Returns the SOURCE arguments for `vedette compile`. */
export function makeFeed(dir) {
  mkdirSync(dir, { recursive: true });
  const sources = readdirSync(here).filter((name) => !/\.(mjs|md)$/.test(name));
  for (const name of sources) {
    cpSync(join(here, name), join(dir, name));
  }
  writeFileSync(join(dir, 'eicar.ndb'), eicarSignature());
  writeFileSync(join(dir, 'eicar.hdb'), eicarHash());
  return [...sources, 'eicar.ndb', 'eicar.hdb'].sort().map((name) => {
    const file = join(dir, name);
    return name in formats ? `${formats[name]}:${file}` : file;
  });
}

/** Name : any kind of file : at its very start : the 68 bytes. */
function eicarSignature() {
  return `Eicar-Test-Signature:0:0:${eicar().toString('hex')}\n`;
}

/** MD5 : size : name. */
function eicarHash() {
  const bytes = eicar();
  return `${createHash('md5').update(bytes).digest('hex')}:${bytes.length}:Eicar-Test-Signature\n`;
}

if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const [dir] = process.argv.slice(2);
  if (dir === undefined) {
    console.error('usage: node make-feed.mjs DIR');
    process.exit(2);
  }
  console.log(makeFeed(dir).join('\n'));
}
