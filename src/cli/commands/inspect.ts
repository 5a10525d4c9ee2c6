/** `vedette inspect`: what a pattern file is, by whom, how old, and what is in it. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { VedetteError } from '../../base/errors.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { openGenerationStore } from '../../node/update/generation-store.js';
import { openContainer, verifyContainer, type Container } from '../../pattern/container.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { parsePublicKey } from '../../protocol/keys.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import type { Io } from '../io.js';
import { readPublicKeys } from '../input/keys.js';
import { maxPatternBytes, refusedFile } from '../input/patterns.js';
import { readLimitedFile } from '../input/read-file.js';
import { contentOf } from '../output/items/component-content.js';
import { inspectionLines, inspectionRecord } from '../output/items/inspection.js';
import { directoryLines, directoryRecords } from '../output/items/kept-generations.js';
import { outputOptions } from '../output/options.js';

/** The command. */
export const inspectCommand: Command = defineCommand({
  name: 'inspect',
  summary: 'show what is in a pattern file, or which patterns a data directory has',
  argument: { name: 'FILE|DIR', count: 'one' },
  options: {
    trust: { kind: 'texts', value: 'KEY.pub', help: 'also verify that it is signed by this key' },
    json: outputOptions.json,
  },
  async run({ args, options, io }) {
    const file = args[0] ?? '';
    if (await isDirectory(file)) {
      return inspectDirectory(file, options.json, io);
    }
    const crypto = createNodeCrypto();
    const bytes = await readLimitedFile(file, maxPatternBytes);
    const trust = (await readPublicKeys(options.trust)).map(parsePublicKey);
    try {
      const container: Container = openContainer(bytes, { crypto });
      const verified = trust.length > 0 && (await verifyContainer(bytes, { crypto, trust })) === container.keyId;
      const facts = { file, container, verified, content: contentOf(container), now: Date.now() };
      for (const line of options.json ? [JSON.stringify(inspectionRecord(facts))] : inspectionLines(facts, io)) {
        await io.line(line);
      }
      return exitClean;
    } catch (error) {
      throw VedetteError.is(error) ? refusedFile(file, error) : error;
    }
  },
});

async function isDirectory(path: string): Promise<boolean> {
  return stat(path).then((found) => found.isDirectory(), () => false);
}

async function inspectDirectory(dir: string, json: boolean, io: Io): Promise<typeof exitClean> {
  const store = openGenerationStore({ dir: join(dir, 'patterns'), clock: createSystemClock() });
  const kept = await store.generations();
  if (Object.keys(kept.components).length === 0) {
    throw new VedetteError('config-invalid', `${dir}: no patterns are kept in this directory`);
  }
  const facts = { dir, kept, lastLook: await store.lastLook(), now: Date.now() };
  for (const line of json ? directoryRecords(facts).map((record) => JSON.stringify(record)) : directoryLines(facts, io)) {
    await io.line(line);
  }
  return exitClean;
}
