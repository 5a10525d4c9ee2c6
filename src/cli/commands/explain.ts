/** `vedette explain`: the story of one check in words. Nothing is flagged and nothing treated. */
import { lstat } from 'node:fs/promises';
import { VedetteError } from '../../base/errors.js';
import { urlSubject, type Subject } from '../../base/subject.js';
import { toRecord } from '../../engine/record.js';
import { fileSubject } from '../../node/files/file-subject.js';
import { defineCommand, type Command } from '../command.js';
import { exitCodeOf } from '../exit-code.js';
import { engineOptions, openEngine } from '../input/engine-options.js';
import { fileError } from '../input/read-file.js';
import { outputOptions } from '../output/options.js';
import { explanation } from '../output/items/explanation.js';

/** The command. */
export const explainCommand: Command = defineCommand({
  name: 'explain',
  summary: 'tell how one check comes to its verdict',
  argument: { name: 'PATH|URL', count: 'one' },
  options: {
    ...engineOptions,
    level: { kind: 'choice', values: ['low', 'medium', 'high'], help: 'how strictly ratings of URLs are taken (medium)' },
    allMatches: { kind: 'switch', help: 'find everything, not only the first' },
    layers: { kind: 'choice', values: ['all', 'local', 'remote'], help: 'which layers are asked (all)' },
    json: outputOptions.json,
  },
  notes: 'With --json, one line: that of scan --json with a "trace" of { layer, answer, tookMs, detail }.',
  async run({ args, options, io }) {
    const subject = await subjectOf(args[0] ?? '');
    const engine = await openEngine(options, io);
    try {
      const { allMatches, layers } = options;
      const result = await engine.check(subject, { allMatches, layers, pending: false, apply: false, trace: true, signal: io.signal });
      const lines = options.json
        ? [JSON.stringify({ ...toRecord(result), trace: result.trace })]
        : explanation(result, io);
      for (const line of lines) {
        await io.line(line);
      }
      const { disposition } = result.verdict;
      const isFound = disposition === 'malicious' || disposition === 'suspicious';
      return exitCodeOf({ found: isFound ? 1 : 0, unknown: disposition === 'unknown' ? 1 : 0 });
    } finally {
      await engine.close();
    }
  },
});

/** What is there under that name is a path; what has a scheme is a URL. */
async function subjectOf(argument: string): Promise<Subject> {
  const isUrl = /^[a-z][a-z0-9+.-]*:\/\//i.test(argument);
  const found = await lstat(argument).catch((error: unknown) => {
    if (isUrl) {
      return undefined;
    }
    throw fileError(argument, error);
  });
  if (found === undefined) {
    return urlSubject(argument);
  }
  if (found.isDirectory()) {
    throw new VedetteError('config-invalid', `${argument} is a directory: explain takes one file, scan takes trees`);
  }
  return fileSubject(argument);
}
