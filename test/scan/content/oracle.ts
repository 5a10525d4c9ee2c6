/** clamscan's own words on contents: under which types and targets it scans them, and the normalised files it writes. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A view that was scanned: the type, and the target of a signature that holds in every view of that target. */
export interface ScannedView {
  readonly target: number;
  readonly type: string;
  readonly size: number;
}

const FLAGS = ['--no-summary', '--scan-archive=no', '--scan-mail=no', '--scan-pdf=no', '--scan-ole2=no', '--max-scantime=5000'];

/** The views in which each content is scanned, in order. */
export function scannedViews(contents: readonly Uint8Array[]): ScannedView[][] {
  return inFolder(contents, ({ dir, files }) => {
    const lines = Array.from({ length: 13 }, (_, target) => `T${String(target)};Engine:81-255,Target:${String(target)};0=0;00deadbeef11deadbeef`);
    writeFileSync(join(dir, 'set.ldb'), `${lines.join('\n')}\n`);
    const words = ['clamscan', ...FLAGS, '--debug', '--allmatch', '-r', '-d', join(dir, 'set.ldb'), files];
    // Log and finds are two streams that tell one story: they have to stay in its order.
    const run = spawnSync('sh', ['-c', 'exec "$0" "$@" 2>&1', ...words], { encoding: 'latin1', maxBuffer: 2 ** 28 });
    return viewsOf(run.stdout, contents.length);
  });
}

/** The files that clamscan leaves when it normalises each content, by name: `nocomment.html`, `notags.html`, `text`. */
export function writtenViews(contents: readonly Uint8Array[]): Map<string, Buffer>[] {
  return inFolder(contents, ({ dir, files }) => {
    const temps = join(dir, 'temps');
    mkdirSync(temps);
    writeFileSync(join(dir, 'set.ndb'), 'Nothing:0:*:00deadbeef11deadbeef\n');
    spawnSync('clamscan', [...FLAGS, '--leave-temps', `--tempdir=${temps}`, '-r', '-d', join(dir, 'set.ndb'), files], { maxBuffer: 2 ** 28 });
    const views = contents.map(() => new Map<string, Buffer>());
    for (const path of readdirSync(temps, { recursive: true, encoding: 'utf8' })) {
      const [, index, name] = /^\d+_\d+-(\d+)\.\w+\/\1\.\w+\/(?:html-tmp\.\w+\/)?([\w.-]+)$/.exec(path) ?? [];
      if (name !== undefined && statSync(join(temps, path)).isFile()) {
        views[Number(index)]?.set(name.startsWith('clamav-') ? 'text' : name, readFileSync(join(temps, path)));
      }
    }
    return views;
  });
}

/** The names that clamscan finds in each content with signatures in a file of that extension. */
export function matchedNames(lines: readonly string[], extension: string, contents: readonly Uint8Array[]): string[][] {
  return inFolder(contents, ({ dir, files }) => {
    const set = join(dir, `set.${extension}`);
    writeFileSync(set, `${lines.join('\n')}\n`);
    const run = spawnSync('clamscan', [...FLAGS, '--allmatch', '-r', '-d', set, files], { encoding: 'latin1', maxBuffer: 2 ** 28 });
    const names = contents.map(() => new Set<string>());
    for (const [, index, name] of run.stdout.matchAll(/\/(\d+): (.+?)(?:\.UNOFFICIAL)? FOUND$/gm)) {
      names[Number(index)]?.add(name ?? '');
    }
    return run.status === 2 ? [] : names.map((set) => [...set].sort());
  });
}

function inFolder<T>(contents: readonly Uint8Array[], use: (folder: { readonly dir: string; readonly files: string }) => T): T {
  const dir = mkdtempSync(join(tmpdir(), 'vedette-'));
  const files = join(dir, 'files');
  try {
    mkdirSync(files);
    contents.forEach((content, i) => writeFileSync(join(files, String(i)), content));
    return use({ dir, files });
  } finally {
    rmSync(dir, { recursive: true });
  }
}

/** Of each find the innermost content comes first in the log; the find itself follows. */
function viewsOf(log: string, count: number): ScannedView[][] {
  const views = Array.from({ length: count }, (): ScannedView[] => []);
  let pending: ScannedView | undefined;
  for (const line of log.split('\n')) {
    const [, size, target, type] = /FP SIGNATURE: \w+:(\d+):T(\d+)\S*\s+# Name: .*, Type: CL_TYPE_(\w+)/.exec(line) ?? [];
    const [, file] = /\/(\d+): T\d+\S* FOUND$/.exec(line) ?? [];
    if (type !== undefined) {
      pending ??= { target: Number(target), type, size: Number(size) };
    } else if (file !== undefined && pending !== undefined) {
      views[Number(file)]?.push(pending);
      pending = undefined;
    }
  }
  return views;
}
