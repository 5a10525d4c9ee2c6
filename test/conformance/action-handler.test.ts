import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'vitest';
import type { CheckResult } from '../../src/base/check-result.js';
import type { Remedy } from '../../src/base/verdict.js';
import { createFileActions } from '../../src/node/file-actions.js';
import { describeActionHandler } from '../../src/testing.js';
import type { ActionHandlerFixture } from '../../src/testing.js';

const folders = new WeakMap<ActionHandlerFixture, string>();

for (const remedy of ['quarantine', 'delete', 'rename'] as const) {
  describeActionHandler({ describe, it }, {
    name: `file actions, ${remedy}`,
    create: () => filesIn(mkdtempSync(join(tmpdir(), 'vedette-actions-')), remedy),
    dispose: (fixture) => rmSync(folders.get(fixture) ?? '', { recursive: true, force: true }),
  });
}

/** Every target is a file of its own; an effect is one that is no longer where it was. */
function filesIn(folder: string, remedy: Remedy): ActionHandlerFixture {
  const paths: string[] = [];
  const fixture: ActionHandlerFixture = {
    handler: createFileActions({ quarantineDir: join(folder, 'quarantine') }),
    effects: () => paths.filter((path) => !existsSync(path)).length,
    target: () => {
      const content = `condemned ${paths.length}`;
      const path = join(folder, `file-${paths.length}`);
      writeFileSync(path, content);
      paths.push(path);
      return condemned(path, { content, remedy });
    },
  };
  folders.set(fixture, folder);
  return fixture;
}

function condemned(path: string, as: { readonly content: string; readonly remedy: Remedy }): CheckResult {
  return {
    id: path,
    subject: { kind: 'file', label: path, locator: { scheme: 'file', ref: path } },
    sha256: createHash('sha256').update(as.content).digest('hex'),
    size: as.content.length,
    verdict: { disposition: 'malicious', threats: [{ name: 'Test', type: 'trojan' }], source: 'query', generations: {} },
    decision: { access: 'block', remedy: as.remedy },
    occasion: 'now',
    pending: { kind: 'none' },
    members: [],
    trace: [],
  };
}
