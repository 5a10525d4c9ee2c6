import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { barChart } from '../../bench/page/chart.js';
import { markdownTable, withPart } from '../../bench/page/markdown.js';
import { pageFrom } from '../../bench/page/write-page.js';

const root = fileURLToPath(new URL('../../', import.meta.url));

describe('docs/benchmarks.md', () => {
  const page = pageFrom({ benchDir: `${root}bench`, docs: `${root}docs` });

  it('says what the newest records say', () => {
    expect(readFileSync(`${root}docs/benchmarks.md`, 'utf8')).toBe(page.text);
  });

  it('has the chart of the newest record', () => {
    expect(page.chart).toBe(readFileSync(`${root}docs/benchmarks-scan.svg`, 'utf8'));
  });
});

describe('a chart', () => {
  const svg = barChart({
    title: 'Rates',
    note: 'a <note>',
    groups: [{ heading: 'few', bars: [{ label: 'ours', rate: 1_000, isOurs: true }, { label: 'A & B', rate: 1, isOurs: false }] }],
  });

  it('has a bar for each rate, longer for more, on a scale of powers of ten', () => {
    const widths = [...svg.matchAll(/<rect class="(ours|peer)" [^>]*width="([0-9]+)"/g)].map(([, of, width]) => [of, Number(width)]);
    expect(widths).toEqual([['ours', expect.any(Number)], ['peer', 1]]);
    expect([...svg.matchAll(/class="tick"[^>]*>([^<]+)</g)].map(([, tick]) => tick)).toEqual(['1', '10', '100', '1,000']);
  });

  it('is read on light and dark pages, and escapes what it shows', () => {
    expect(svg).toContain('@media (prefers-color-scheme: dark)');
    expect(svg).toContain('a &#60;note&#62;');
    expect(svg).toContain('A &#38; B');
  });
});

describe('a page', () => {
  it('has its parts replaced and nothing else', () => {
    const page = 'before\n<!-- bench:x -->\nold\n<!-- /bench:x -->\nafter\n';
    const replaced = withPart(page, { name: 'x', text: 'new' });
    expect(replaced).toBe('before\n<!-- bench:x -->\n\nnew\n<!-- /bench:x -->\nafter\n');
    expect(withPart(replaced, { name: 'x', text: 'new' })).toBe(replaced);
    expect(() => withPart(page, { name: 'y', text: '' })).toThrow('no part y');
  });

  it('has tables with numbers to the right', () => {
    expect(markdownTable(['a', 'b'], [['x', '1']])).toBe('| a | b |\n| --- | ---: |\n| x | 1 |\n');
  });
});
