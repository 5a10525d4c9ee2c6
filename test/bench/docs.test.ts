import { readFileSync, readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { benches } from '../../bench/definitions/index.js';
import { usage } from '../../bench/options.js';
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
    const options = [...page.matchAll(/(?<=[ `])--[a-z-]+/g)].map(([option]) => option).filter((option) => option !== '--prefix');
    expect([...new Set(options)].filter((option) => !usage.includes(option))).toEqual([]);
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
