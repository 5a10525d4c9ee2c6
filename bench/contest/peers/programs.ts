/** YARA and clamscan, the programs. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { Unavailable } from '../../definition.js';
import type { Scanner } from '../scanner.js';
import { timed, versionOf, wholeProgram } from './whole-program.js';

/** Both; `folder` is where the corpus is. */
export function programScanners(folder: string): readonly Scanner[] {
  return [yara(folder), clamscan(folder)];
}

/** Rules are compiled before, by yarac; each pass loads them compiled. */
function yara(folder: string): Scanner {
  return {
    name: 'yara',
    peer: 'yara',
    version: versionOf('yara', /[0-9.]+/),
    pace: 'slow',
    async load(set) {
      const [rules, compiled] = [set.yara(), set.kept('yarac')];
      if (!existsSync(compiled)) {
        const { code } = await timed({ program: 'yarac', args: [rules, compiled] });
        if (code !== 0) {
          throw new Unavailable(code === 127 ? 'not installed' : 'yarac refused the rules');
        }
      }
      return wholeProgram({
        emptyFile: join(folder, 'empty.bin'),
        command: (file) => ({ program: 'yara', args: ['-C', '-p', '1', '--no-warnings', compiled, file] }),
        found({ code, out }) {
          if (code !== 0) {
            throw new Error(`yara ended with code ${code}`);
          }
          return out.split('\n').flatMap((line) => (line.startsWith('s') ? [Number(line.slice(1, line.indexOf(' ')))] : []));
        },
      });
    },
  };
}

/**
 * Everything but the search for signatures is switched off where it can be: unpacking, parsing, heuristics. Not the
 * cache: without it clamscan 1.4.6 misses signatures of a text in which it also finds pieces of HTML.
 */
const searchOnly = [
  ...['archive', 'pe', 'elf', 'ole2', 'pdf', 'swf', 'html', 'xmldocs', 'hwp3', 'mail', 'onenote', 'image'].map((kind) => `--scan-${kind}=no`),
  ...['--bytecode=no', '--phishing-sigs=no', '--phishing-scan-urls=no', '--heuristic-alerts=no'],
  ...['--max-filesize=1900M', '--max-scansize=1900M', '--max-scantime=0'],
];

function clamscan(folder: string): Scanner {
  return {
    name: 'clamscan',
    peer: 'clamscan',
    version: versionOf('clamscan', /[0-9.]+/),
    pace: 'slow',
    load: (set) =>
      wholeProgram({
        emptyFile: join(folder, 'empty.bin'),
        command: (file) => ({ program: 'clamscan', args: ['--no-summary', '--allmatch', ...searchOnly, '-d', set.ndb(), file] }),
        found({ code, out }) {
          if (code > 1) {
            throw new Error(code === 127 ? 'not installed' : `clamscan ended with code ${code}`);
          }
          return [...out.matchAll(/ Bench\.([0-9]+)\.UNOFFICIAL FOUND$/gm)].map(([, index]) => Number(index));
        },
      }),
  };
}
