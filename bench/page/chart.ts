/**
 * Rates as bars, a group for each number of signatures, on a logarithmic scale: an SVG that is read on light and dark
 * pages alike. Drawn from a record; the same record gives the same bytes.
 */
import { threeDigits } from '../report/numbers.js';

/** One bar. */
export interface Bar {
  readonly label: string;
  /** 10^6 bytes per CPU second. */
  readonly rate: number;
  /** Ours are drawn in the colour of the project. */
  readonly isOurs: boolean;
}

/** Bars under a heading. */
export interface BarGroup {
  readonly heading: string;
  readonly bars: readonly Bar[];
}

const [width, labelWidth, barHeight, gap, headingHeight] = [760, 230, 16, 6, 34];
const top = 58;
const scaleWidth = width - labelWidth - 80;

const style = `
  text { font: 13px system-ui, -apple-system, "Segoe UI", sans-serif; fill: #1f2328 }
  .title { font-size: 16px; font-weight: 600 } .heading { font-weight: 600 } .tick, .note { font-size: 11px; fill: #59636e }
  .grid { stroke: #d1d9e0; stroke-width: 1 } .ours { fill: #0969da } .peer { fill: #8c959f }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc } .tick, .note { fill: #9198a1 } .grid { stroke: #3d444d } .ours { fill: #4493f8 } .peer { fill: #6e7681 }
  }`;

/** The whole file. */
export function barChart({ title, note, groups }: { readonly title: string; readonly note: string; readonly groups: readonly BarGroup[] }): string {
  const rates = groups.flatMap(({ bars }) => bars.map(({ rate }) => rate));
  const scale = scaleOf(rates);
  const parts: string[] = [];
  let y = top;
  for (const { heading, bars } of groups) {
    parts.push(`  <text class="heading" x="0" y="${y + 20}">${escaped(heading)}</text>`);
    y += headingHeight;
    for (const bar of bars) {
      parts.push(...barLines(bar, { y, scale }));
      y += barHeight + gap;
    }
  }
  const grid = scale.ticks.flatMap((tick) => tickLines(tick, { x: labelWidth + scale.at(tick), bottom: y }));
  const height = y + 30;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${escaped(title)}">`,
    `<style>${style}\n</style>`,
    `  <text class="title" x="0" y="20">${escaped(title)}</text>`,
    `  <text class="note" x="0" y="40">${escaped(note)}</text>`,
    ...grid,
    ...parts,
    '</svg>\n',
  ].join('\n');
}

interface Scale {
  readonly ticks: readonly number[];
  at(rate: number): number;
}

/** From the power of ten below the smallest rate to the one above the largest. */
function scaleOf(rates: readonly number[]): Scale {
  const low = Math.floor(Math.log10(Math.min(...rates)));
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...rates))));
  return {
    ticks: Array.from({ length: high - low + 1 }, (_, i) => 10 ** (low + i)),
    at: (rate) => Math.max(1, Math.round((scaleWidth * (Math.log10(rate) - low)) / (high - low))),
  };
}

function barLines({ label, rate, isOurs }: Bar, { y, scale }: { readonly y: number; readonly scale: Scale }): string[] {
  const length = scale.at(rate);
  const baseline = y + barHeight - 4;
  return [
    `  <text x="${labelWidth - 8}" y="${baseline}" text-anchor="end">${escaped(label)}</text>`,
    `  <rect class="${isOurs ? 'ours' : 'peer'}" x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" rx="2"/>`,
    `  <text x="${labelWidth + length + 6}" y="${baseline}">${threeDigits(rate)}</text>`,
  ];
}

function tickLines(tick: number, { x, bottom }: { readonly x: number; readonly bottom: number }): string[] {
  return [
    `  <line class="grid" x1="${x}" y1="${top}" x2="${x}" y2="${bottom + 4}"/>`,
    `  <text class="tick" x="${x}" y="${bottom + 20}" text-anchor="middle">${tick.toLocaleString('en')}</text>`,
  ];
}

function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`);
}
