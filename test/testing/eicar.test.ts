import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';
import { eicar } from '../../src/testing.js';

const root = fileURLToPath(new URL('../..', import.meta.url));

function filesUnder(folder: string, ending: RegExp): string[] {
  const path = join(root, folder);
  return existsSync(path)
    ? readdirSync(path, { recursive: true, withFileTypes: true })
        .filter((one) => one.isFile() && ending.test(one.name))
        .map((one) => join(one.parentPath, one.name))
    : [];
}

describe('eicar', () => {
  it('is the 68 bytes that every scanner knows', () => {
    expect(eicar()).toHaveLength(68);
    expect(createHash('md5').update(eicar()).digest('hex')).toBe('44d88612fea8a8f36de82e1278abb02f');
    expect(createHash('sha256').update(eicar()).digest('hex')).toBe('275a021bbfb6489e54d471899f7db9d1663fc695ec2fe2a2c4538aabf651fd0f');
  });

  it('is nowhere in one piece: not in the sources, not in what is built of them', () => {
    const whole = Buffer.from(eicar()).toString('latin1');
    const pieces = [whole, [...whole].reverse().join(''), whole.slice(0, 40), whole.slice(28)];
    const sources = ['src', 'test', 'docs', 'examples'].flatMap((folder) => filesUnder(folder, /\.(ts|md)$/));
    const built = ['dist'].flatMap((folder) => filesUnder(folder, /\.(js|map)$/));
    expect(sources.length).toBeGreaterThan(50);
    for (const file of [...sources, ...built]) {
      // What is escaped in the text counts as what it means.
      const text = readFileSync(file, 'utf8').replaceAll('\\\\', '\\');
      expect(pieces.filter((piece) => text.includes(piece)), file).toEqual([]);
    }
  });

  it('is not put together by a compiler', () => {
    const source = readFileSync(join(root, 'src/testing/eicar.ts'), 'utf8');
    const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
    expect(outputText.replaceAll('\\\\', '\\')).not.toContain(Buffer.from(eicar()).toString('latin1').slice(0, 40));
    expect(outputText).not.toContain(Buffer.from(eicar()).toString('latin1').slice(28));
  });
});
