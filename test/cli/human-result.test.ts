import { describe, expect, it } from 'vitest';
import { coloursFor } from '../../src/cli/output/colours.js';
import { humanResult } from '../../src/cli/output/human-result.js';
import { fileResult, foundResult, unknownResult } from './results.js';

const plain = { colours: coloursFor(false, {}), width: 100 };
const bold = { colours: coloursFor(true, {}), width: 100 };

describe('a result for people', () => {
  it.each([
    ['a find', foundResult('Bad.A'), ['malicious   dir/file.bin', '            Bad.A · by the agent pattern · access: block']],
    [
      'a find that was treated late',
      foundResult('Bad.A', { decision: { access: 'block', remedy: 'rename' }, outcome: { kind: 'done' }, occasion: 'late' }),
      ['malicious   dir/file.bin', '            Bad.A · by the agent pattern · late result · access: block · renamed'],
    ],
    [
      'a remedy that failed',
      foundResult('Bad.A', { decision: { access: 'block', remedy: 'delete' }, outcome: { kind: 'unable', detail: 'read only' } }),
      ['malicious   dir/file.bin', '            Bad.A · by the agent pattern · access: block · could not delete: read only'],
    ],
    [
      'what is flagged',
      unknownResult('unreachable', { pending: { kind: 'queued', id: 'p', durability: 'disk' } }),
      ['unknown     dir/file.bin', '            no server could be reached · flagged for verification · access: allow'],
    ],
    ['what is clean', fileResult(), ['clean       dir/file.bin', '            not listed, says the filter · access: allow']],
  ])('shows %s', (_, result, expected) => {
    expect(humanResult(result, plain)).toEqual(expected);
  });

  it('lets no name reach the terminal as it is', () => {
    const lines = humanResult(foundResult('Bad\u001b[0m', { label: 'a\n\u202eb' }), plain);
    expect(lines).toEqual(['malicious   a\\x0a\\u{202e}b', '            Bad\\x1b[0m · by the agent pattern · access: block']);
  });

  it('keeps long lists of names within the width', () => {
    const threats = Array.from({ length: 40 }, (_, n) => ({ name: `Family.Number.${n}`, type: 'trojan' }));
    const lines = humanResult(foundResult('x', { verdict: { disposition: 'malicious', threats, source: 'scan', generations: {} } }), plain);
    expect(lines.length).toBeGreaterThan(5);
    expect(lines.every((line) => line.length <= 100)).toBe(true);
  });

  it('colours only where colours are wanted', () => {
    const text = (how: typeof plain): string => humanResult(foundResult('Bad.A'), how).join('\n');
    expect(text(plain)).not.toContain('\u001b');
    expect(text(bold)).toContain('\u001b[31m');
  });
});

describe('colours', () => {
  it.each([
    [true, {}, true],
    [false, {}, false],
    [true, { NO_COLOR: '1' }, false],
    [true, { NO_COLOR: '' }, true],
    [true, { TERM: 'dumb' }, false],
    [false, { FORCE_COLOR: '1' }, true],
    [false, { FORCE_COLOR: '0' }, false],
    [false, { FORCE_COLOR: '1', NO_COLOR: '1' }, false],
  ])('on a terminal: %s, with %j: %s', (isTerminal, env, expected) => {
    expect(coloursFor(isTerminal, env).bad('x') !== 'x').toBe(expected);
  });
});
