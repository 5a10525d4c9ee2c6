import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import type { ContestRecord } from '../../bench/contest/record.js';
import { recordFiles } from '../../bench/contest/record.js';
import { contestUsage } from '../../bench/contest/options.js';
import { benches } from '../../bench/definitions/index.js';
import { usage } from '../../bench/options.js';
import { patternUsage } from '../../bench/pattern/run.js';
import { readRecord } from '../../bench/report/record.js';

const root = new URL('../../', import.meta.url);
const read = (path: string): string => readFileSync(new URL(path, root), 'utf8');
const page = read('docs/bench.md');

describe('docs/bench.md', () => {
  it('has the example as it is tested', () => {
    expect(page).toContain(`\`\`\`js\n${read('bench/examples/own-matcher.mjs')}\`\`\`\n`);
  });

  it.each(benches.map(({ name, baseline }) => [name, baseline]))('names the definition %s and its baseline %s', (name, baseline) => {
    expect(page).toContain(`\`${name}\``);
    expect(page).toContain(`\`${baseline}\``);
  });

  it('speaks of options that there are', () => {
    const all = [usage, contestUsage, patternUsage, '--allmatch'].join('\n');
    const options = [...page.matchAll(/(?<=[ `])--[a-z-]+/g)].map(([option]) => option).filter((option) => option !== '--prefix');
    expect([...new Set(options)].filter((option) => !all.includes(option))).toEqual([]);
  });
});

describe('every definition', () => {
  it.each(benches.map((bench) => [bench.name, bench] as const))('%s has its baseline among its engines, and a paragraph', (_, { baseline, engines, analysis }) => {
    expect(engines).toContain(baseline);
    expect(new Set(engines).size).toBe(engines.length);
    expect(analysis.length).toBeGreaterThan(200);
  });
});

describe('bench/package-lock.json', () => {
  it('says nothing about where packages were fetched from', () => {
    expect(read('bench/package-lock.json')).not.toMatch(/resolved|https?:/);
  });
});

describe('the kept records of the scan contest', () => {
  it('are of full runs in which every engine was right', () => {
    const folder = fileURLToPath(new URL('bench/record/scan/', root));
    for (const file of recordFiles(folder)) {
      const { record, quick, sets } = JSON.parse(readFileSync(`${folder}${file}`, 'utf8')) as ContestRecord;
      const wrong = sets.flatMap(({ engines }) => engines.filter(({ kind }) => kind === 'wrong' || kind === 'failed'));
      expect({ file, record, quick, sets: sets.length, wrong }).toEqual({ file, record: 'scan-1', quick: undefined, sets: 6, wrong: [] });
    }
  });
});

describe('the kept records', () => {
  it('are of full runs in which every engine was right', () => {
    const files = readdirSync(new URL('bench/record/', root)).filter((file) => file.endsWith('.json'));
    expect(files.length).toBeGreaterThan(0);
    for (const file of files) {
      const { quick, definitions } = readRecord(fileURLToPath(new URL(`bench/record/${file}`, root)));
      const wrong = definitions.flatMap(({ engines }) => engines.filter(({ kind }) => kind === 'wrong' || kind === 'failed'));
      expect({ file, quick, wrong }).toEqual({ file, quick: undefined, wrong: [] });
    }
  });
});
