import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readExpressionFlags } from '../../../src/scan/pcre/flags.js';
import { hasClamscan } from '../../support/clamscan.js';
import { bytesOf, expressionOf, limitedSteps } from './support.js';

const trigger = 'TRIGGER!';
/** Without a slash and a semicolon: those would end the field. */
const cases: readonly (readonly [string, string])[] = [
  ['hello.world', ''],
  ['hello.world', 's'],
  ['HELLO', ''],
  ['HELLO', 'i'],
  ['^hello', ''],
  ['^hello', 'm'],
  ['end$', ''],
  ['end$', 'm'],
  ['end$', 'E'],
  ['h e l l o # comment', 'x'],
  ['hello', 'A'],
  ['TRIGGER', 'A'],
  ['"[^"]*"$', 'U'],
  ['("|\')(?:.*)\\1,', 'U'],
  ['\\xe9', 'i'],
  ['(?<=hello)\\sworld', ''],
  ['(?P<q>[lo])(?P=q)o', ''],
  ['h(?!ello)', 'i'],
  ['\\bworld\\b', ''],
  ['a++b', ''],
];
const texts = [
  'hello world',
  '\nhello\nworld end',
  'Hello World end\n',
  'x hello\n\nend\n\n',
  '"a" "b"',
  `"it's", 'b', x`,
  '\u00c9 aab',
  'helloworld hallo',
].map((text) => trigger + text);

/** The cases that clamscan finds in each text. */
function clamscanCases(): string[][] {
  const dir = mkdtempSync(join(tmpdir(), 'vedette-'));
  try {
    const hex = Buffer.from(trigger).toString('hex');
    writeFileSync(join(dir, 'set.ldb'), cases.map(([source, flags], index) => `C${index};Engine:81-255,Target:0;0&1;${hex};0/${source}/${flags}\n`).join(''), 'latin1');
    mkdirSync(join(dir, 'files'));
    texts.forEach((text, index) => writeFileSync(join(dir, 'files', String(index)), bytesOf(text)));
    const run = spawnSync('clamscan', ['-d', join(dir, 'set.ldb'), '--allmatch', '--no-summary', '-r', join(dir, 'files')], { encoding: 'latin1' });
    const found = [...run.stdout.matchAll(/\/(\d+): C(\d+)\.UNOFFICIAL FOUND$/gm)].map(([, file, name]) => [Number(file), Number(name)] as const);
    return texts.map((_, file) => cases.flatMap(([source, flags], index) => (found.some(([in_, name]) => in_ === file && name === index) ? [`${source}/${flags}`] : [])));
  } finally {
    rmSync(dir, { recursive: true });
  }
}

function ourCases(): string[][] {
  return texts.map((text) =>
    cases.flatMap(([source, flags]) => {
      const letters = readExpressionFlags(flags).others === '' ? flags : '';
      const { kind } = expressionOf(source, letters).search(bytesOf(text), 0, limitedSteps(100_000));
      return kind === 'match' ? [`${source}/${flags}`] : [];
    }),
  );
}

describe.skipIf(!hasClamscan())('expressions against clamscan (skipped where it is not installed)', () => {
  it('mean the same under every flag', () => {
    expect(ourCases()).toEqual(clamscanCases());
  }, 120_000);
});
