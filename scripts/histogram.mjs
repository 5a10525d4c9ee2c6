/**
 * `npm run histogram -- FOLDER…`: counts five-byte runs in ordinary files and writes what `compile` chooses anchors by.
 * The committed file was made from what Debian packages and npm packages hold (/usr/bin, /usr/lib, /usr/share, and a
 * node_modules): every second file by a hash of its path, so that the other half stays for measurements.
 */
import { createHash } from 'node:crypto';
import { readFile, writeFile, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const gramBits = 18;
const output = fileURLToPath(new URL('../src/compile/goodware/histogram.generated.ts', import.meta.url));
/** Bytes of each kind of content: programs, scripts, other texts. */
const quotas = { elf: 20_000_000, script: 12_000_000, text: 12_000_000 };
const maxFileBytes = 4_000_000;

async function* filesUnder(folder) {
  for (const entry of await readdir(folder, { withFileTypes: true }).catch(() => [])) {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) {
      yield* filesUnder(path);
    } else if (entry.isFile()) {
      yield path;
    }
  }
}

function kindOf(path, bytes) {
  if (bytes.subarray(0, 4).toString('latin1') === '\x7fELF') {
    return 'elf';
  }
  if (/\.(js|mjs|cjs|ts|py|pl|pm|sh)$/.test(path)) {
    return 'script';
  }
  return bytes.subarray(0, 4096).includes(0) || /\.(gz|jar|xz|zip|png)$/.test(path) ? undefined : 'text';
}

// As src/pattern/anchors/gram-histogram.ts; test/compile/histogram.test.ts compares the two.
export function gramBucket(bytes, at) {
  const low = bytes[at] | (bytes[at + 1] << 8) | (bytes[at + 2] << 16) | (bytes[at + 3] << 24);
  const mixed = Math.imul(low, 0x9e3779b1) ^ Math.imul(bytes[at + 4] + 1, 0x85ebca6b);
  return Math.imul(mixed ^ (mixed >>> 15), 0x2c1b3c6d) >>> (32 - gramBits);
}

/** Counts as four-bit logarithms, two in a byte. */
export function packed(counts) {
  const out = new Uint8Array(counts.length / 2);
  counts.forEach((count, bucket) => {
    out[bucket >> 1] |= Math.min(15, Math.floor(Math.log2(1 + count))) << (4 * (bucket & 1));
  });
  return out;
}

async function count(folders) {
  const paths = [];
  for (const folder of folders) {
    for await (const path of filesUnder(folder)) {
      paths.push({ path, order: createHash('sha256').update(path).digest('hex') });
    }
  }
  const counts = new Uint32Array(2 ** gramBits);
  const left = { ...quotas };
  for (const { path } of paths.filter(({ order }) => Number.parseInt(order[0], 16) % 2 === 0).sort((a, b) => (a.order < b.order ? -1 : 1))) {
    const { size } = await stat(path);
    if (size < 1000 || size > maxFileBytes || Object.values(left).every((bytes) => bytes <= 0)) {
      continue;
    }
    const bytes = await readFile(path).catch(() => Buffer.alloc(0));
    const kind = kindOf(path, bytes);
    if (kind !== undefined && left[kind] > 0) {
      left[kind] -= bytes.length;
      for (let at = 0; at + 5 <= bytes.length; at++) {
        counts[gramBucket(bytes, at)]++;
      }
    }
  }
  process.stdout.write(`left of the quotas: ${JSON.stringify(left)}\n`);
  return counts;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const text = Buffer.from(packed(await count(process.argv.slice(2)))).toString('base64');
  const lines = text.match(/.{1,200}/g).map((line) => `  '${line}'`);
  await writeFile(output, `/** Made by \`npm run histogram\`; not to be edited. */\nexport const histogramBase64: string = [\n${lines.join(',\n')},\n].join('');\n`);
}
