/**
 * Key pairs under a collector that is always at work. Node 20 stands still for ever when it collects garbage while a key of
 * `generateKeyPairSync` is exported: one server in some thousands never came to listen. `PAIRS=30000` is where the export as JWK
 * stood still every time but one in five.
 */
import { pathToFileURL } from 'node:url';
import { join } from 'node:path';
import { beforeAll, expect, it } from 'vitest';
import { assertBuilt, projectRoot } from './support/cli.js';
import { run } from '../support/run.js';

beforeAll(assertBuilt);

const pairs = Number(process.env['PAIRS'] ?? 1000);

it(`makes ${pairs} key pairs while garbage is collected, and does not stand still`, async () => {
  const program = `const { generateKeyPair } = await import(${JSON.stringify(pathToFileURL(join(projectRoot, 'dist/node.js')).href)});
    for (let i = 0; i < ${pairs}; i++) { generateKeyPair(); }
    console.log('made');`;
  const ended = await run(process.execPath, ['--max-semi-space-size=1', '--input-type=module', '--eval', program], { cwd: projectRoot, timeoutMs: 110_000 });
  expect(ended).toMatchObject({ code: 0, stdout: 'made\n' });
});
