/** Holds the import table of docs/architecture.md: the import lines of every source file are read and compared. */
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));
const src = join(root, 'src');

interface Import {
  readonly file: string;
  readonly room: string;
  readonly target: string;
  readonly typeOnly: boolean;
}

const files = readdirSync(src, { recursive: true, encoding: 'utf8' })
  .filter((name) => name.endsWith('.ts'))
  .map((name) => name.replaceAll('\\', '/'));

function roomOf(file: string): string {
  return file.includes('/') ? file.slice(0, file.indexOf('/')) : '(entry)';
}

function importsOf(file: string): Import[] {
  const text = readFileSync(join(src, file), 'utf8');
  const pattern = /^(?:import|export)\s+(type\s+)?(?:[^;'"]*?\sfrom\s+)?['"]([^'"]+)['"]/gm;
  const dynamic = /\bimport\(\s*['"]([^'"]+)['"]\s*\)/g;
  const found = [...text.matchAll(pattern)].map((match) => ({
    file,
    room: roomOf(file),
    target: match[2] ?? '',
    typeOnly: match[1] !== undefined,
  }));
  return [...found, ...[...text.matchAll(dynamic)].map((match) => ({ file, room: roomOf(file), target: match[1] ?? '', typeOnly: false }))];
}

function targetRoom(found: Import): string | undefined {
  if (!found.target.startsWith('.')) {
    return undefined;
  }
  return roomOf(relative(src, resolve(src, dirname(found.file), found.target)).replaceAll('\\', '/'));
}

const table = new Map(
  [...readFileSync(join(root, 'docs/architecture.md'), 'utf8').matchAll(/^\| `([a-z]+)` \| ([^|]*)\|$/gm)].map(
    (row) => [row[1] ?? '', row[2] ?? ''] as const,
  ),
);
const all = files.flatMap(importsOf);
const everyRoom = new Set([...files.map(roomOf)]);

function mayImport(room: string, target: string, typeOnly: boolean): boolean {
  const cell = table.get(room);
  if (cell === undefined || room === target) {
    return room === target;
  }
  return cell.includes('every room') && (typeOnly || !cell.includes('by type')) ? true : cell.includes(`\`${target}\``);
}

describe('the architecture', () => {
  it('has a row in the table for every room', () => {
    expect([...everyRoom].filter((room) => room !== '(entry)' && !table.has(room))).toEqual([]);
  });

  it('keeps rooms apart as the table says', () => {
    const broken = all.flatMap((found) => {
      const target = targetRoom(found);
      const allowed = target === undefined || found.room === '(entry)' || mayImport(found.room, target, found.typeOnly);
      return allowed ? [] : [`${found.file} → ${found.target}${found.typeOnly ? ' (type)' : ''}`];
    });
    expect(broken).toEqual([]);
  });

  it('would notice a room that reaches into another (sabotage of this test)', () => {
    expect(mayImport('scan', 'query', true)).toBe(false);
    expect(mayImport('engine', 'scan', false)).toBe(false);
    expect(mayImport('engine', 'scan', true)).toBe(true);
    expect(mayImport('base', 'engine', true)).toBe(false);
  });

  it('lets node modules in only where Node is meant', () => {
    const allowed = (file: string): boolean => /^(node|cli)\/|^server\/node\//.test(file);
    expect(all.filter((found) => found.target.startsWith('node:') && !allowed(found.file)).map((found) => found.file)).toEqual([]);
  });

  it('imports each third-party package in one file', () => {
    const byPackage = new Map<string, Set<string>>();
    for (const { file, target } of all) {
      if (!target.startsWith('.') && !target.startsWith('node:')) {
        const name = target.split('/').slice(0, target.startsWith('@') ? 2 : 1).join('/');
        byPackage.set(name, (byPackage.get(name) ?? new Set()).add(file));
      }
    }
    const many = [...byPackage].filter(([name, users]) => users.size > (name === '@noble/hashes' ? 2 : 1));
    expect(many.map(([name, users]) => `${name}: ${[...users].join(', ')}`)).toEqual([]);
  });

  it('keeps real time, chance and network out of everything but presets and Node', () => {
    const allowed = /^(preset|node|cli|testing)\/|^server\/node\//;
    const ambient = /Date\.now\(|Math\.random\(|\bset(Timeout|Interval)\(|(?<![.\w])fetch\(|performance\.now\(/;
    const found = files.filter((file) => !allowed.test(file)).filter((file) => ambient.test(withoutComments(file)));
    expect(found).toEqual([]);
  });

  it('exports by name only and re-exports nothing wholesale from an entry', () => {
    expect(files.filter((file) => /^export default/m.test(readFileSync(join(src, file), 'utf8')))).toEqual([]);
    const entries = files.filter((file) => !file.includes('/'));
    expect(entries.filter((file) => /^export \*/m.test(readFileSync(join(src, file), 'utf8')))).toEqual([]);
  });

  it('has no evaluation of text as code', () => {
    expect(files.filter((file) => /\beval\(|new Function\(/.test(withoutComments(file)))).toEqual([]);
  });
});

function withoutComments(file: string): string {
  return readFileSync(join(src, file), 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '').replaceAll(/^\s*\/\/.*$/gm, '');
}
