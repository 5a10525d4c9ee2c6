import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, it } from 'vitest';
import { bytesSource } from '../../src/base/subject.js';
import type { ByteSource } from '../../src/base/subject.js';
import { fileOpener, fileSubject } from '../../src/node/files/file-subject.js';
import { describeByteSource, describeOpener } from '../../src/testing.js';

const folder = mkdtempSync(join(tmpdir(), 'vedette-subjects-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describeByteSource({ describe, it }, { name: 'bytes in memory', create: ({ content }) => bytesSource(content) });

const paths = new WeakMap<ByteSource, string>();
let count = 0;

for (const blocking of [false, true]) {
  describeByteSource({ describe, it }, {
    name: blocking ? 'file, read on the calling thread' : 'file',
    async create({ content }) {
      const path = join(folder, `${count++}`);
      writeFileSync(path, content);
      const source = await fileSubject(path, {}, { blocking }).open({});
      paths.set(source, path);
      return source;
    },
    overwrite: (source, content) => writeFileSync(paths.get(source) ?? '', content),
    dispose: (source) => source.close?.(),
  });
}

describeOpener({ describe, it }, {
  name: 'file opener',
  create() {
    const path = join(folder, `${count++}`);
    const content = Uint8Array.of(1, 2, 3);
    writeFileSync(path, content);
    return { opener: fileOpener, known: { scheme: 'file', ref: path }, content, gone: { scheme: 'file', ref: join(folder, 'gone') } };
  },
});
