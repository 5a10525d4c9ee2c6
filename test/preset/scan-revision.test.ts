import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { scanRevision } from '../../src/preset/scan-revision.js';

it('what scans has a revision of its own with every release', () => {
  const { version } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as { version: string };
  expect(scanRevision).toMatch(new RegExp(`^${version.replaceAll('.', '\\.')}-\\d+$`));
});
