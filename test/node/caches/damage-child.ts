/**
 * A host over damaged cache files: opens the caches of each, reads every record and compares it with what was put. A
 * line before each file, so that whoever started it knows on which one it died; a line of sums at the end.
 */
import { copyFileSync, existsSync, mkdirSync, openSync, readSync, rmSync, statSync, writeSync, closeSync } from 'node:fs';
import { join } from 'node:path';
import { openCaches } from '../../../src/node/caches/open-caches.js';
import { createSeededRandom } from '../../../src/testing/doubles/seeded-random.js';
import { contentsOf, dirOf, fillStore, records } from './damage-store.js';

const [work = '', seed = '1', flips = '1', where = 'both'] = process.argv.slice(2);
const random = createSeededRandom(Number(seed));
const clean = join(dirOf(work), 'caches.mdb');
if (!existsSync(clean)) {
  await fillStore(work);
}
const size = statSync(clean).size;
const sums = { files: 0, setAside: 0, crashes: 0, errors: 0, intact: 0, lost: 0, wrong: 0, failed: 0 };

for (let i = 0; i < Number(flips); i++) {
  // Every other one at the head of a page, where what is wrong misleads lmdb itself: 64 bytes of 4,096.
  const anywhere = Math.floor(random() * size);
  const at = where === 'heads' || (where === 'both' && i % 2 === 1) ? anywhere - (anywhere % 4096) + Math.floor(random() * 64) : anywhere;
  const bit = Math.floor(random() * 8);
  console.log(`flip ${at} ${bit}`);
  const dir = join(work, `flip-${i}`);
  mkdirSync(dir);
  copyFileSync(clean, join(dir, 'caches.mdb'));
  if (existsSync(`${clean}.sum`)) {
    copyFileSync(`${clean}.sum`, join(dir, 'caches.mdb.sum'));
  }
  flip(join(dir, 'caches.mdb'), at, bit);
  await look(dir);
  rmSync(dir, { recursive: true });
}
console.log(JSON.stringify(sums));

function flip(file: string, at: number, bit: number): void {
  const fd = openSync(file, 'r+');
  const byte = Buffer.alloc(1);
  readSync(fd, byte, 0, 1, at);
  byte[0]! ^= 1 << bit;
  writeSync(fd, byte, 0, 1, at);
  closeSync(fd);
}

async function look(dir: string): Promise<void> {
  sums.files++;
  const faults: string[] = [];
  try {
    const caches = await openCaches({ dir, onFault: (error) => faults.push(String(error)) });
    await compare(caches);
    // Whoever reads writes as well.
    const numbers = Array.from({ length: 40 }, (_, number) => number);
    await caches.verdicts.put(numbers.map((number) => [`new ${number}`, contentsOf(number).slot] as const));
    await caches.scans.put(numbers.map((number) => [`new ${number}`, contentsOf(number).page] as const));
    await caches.close();
  } catch {
    sums.failed++;
  }
  sums.setAside += faults.some((text) => text.includes('set aside')) ? 1 : 0;
  sums.crashes += faults.some((text) => text.includes('ended a process')) ? 1 : 0;
  sums.errors += faults.some((text) => text.includes('reading it failed')) ? 1 : 0;
}

async function compare(caches: Awaited<ReturnType<typeof openCaches>>): Promise<void> {
  const keys = Array.from({ length: records }, (_, i) => `key ${i}`);
  const [slots, pages] = [await caches.verdicts.get(keys), await caches.scans.get(keys)];
  keys.forEach((_, i) => {
    const expected = contentsOf(i);
    count(slots[i] === undefined ? undefined : JSON.stringify(slots[i]) === JSON.stringify(expected.slot));
    const page = pages[i];
    count(page === undefined ? undefined : Buffer.compare(page, expected.page) === 0);
  });
}

function count(isRight: boolean | undefined): void {
  sums[isRight === undefined ? 'lost' : isRight ? 'intact' : 'wrong']++;
}
