/** `vedette compile`: signature sources in, components out. */
import { basename } from 'node:path';
import { mkdir } from 'node:fs/promises';
import { fromUtf8, toUtf8 } from '../../base/bytes.js';
import { describeError, VedetteError } from '../../base/errors.js';
import { compile, parseSourceArgument, type Compiled, type CompileSource } from '../../compile.js';
import { createNodeCrypto } from '../../node/node-crypto.js';
import { defineCommand, type Command } from '../command.js';
import { exitClean } from '../exit-code.js';
import { readSigner } from '../input/keys.js';
import { nextGeneration } from '../input/making/next-generation.js';
import { componentFiles } from '../input/patterns.js';
import { fileError, readLimitedFile } from '../input/read-file.js';
import { compileLines } from '../output/items/compile-report.js';
import { outputOptions } from '../output/options.js';
import { replaceFiles } from '../output/replace-files.js';

/** A text longer than half a gigabyte cannot be one string. */
const maxSourceBytes = 256 * 1024 * 1024;

/** The command. */
export const compileCommand: Command = defineCommand({
  name: 'compile',
  summary: 'turn signature sources into pattern files',
  argument: { name: 'SOURCE', count: 'some' },
  options: {
    out: { kind: 'text', value: 'DIR', help: 'where the pattern files and report.json go', required: true },
    key: { kind: 'text', value: 'FILE', help: 'sign the pattern files with this private key' },
    generation: { kind: 'whole', value: 'N', min: 0, max: Number.MAX_SAFE_INTEGER, help: 'number of this publication (see below)' },
    strict: { kind: 'switch', help: 'a line that cannot be used is an error' },
    hostRule: { kind: 'choice', values: ['psl', 'labels5'], help: 'which hosts of a URL count (psl)' },
    quiet: outputOptions.quiet,
  },
  notes:
    'SOURCE is a file, or FORMAT:FILE where the ending does not tell the format: .ndb .ldb .hdb .hsb .mdb .msb ' +
    '.imp .cdb .fp .sfp .ign2 (ClamAV), hashes: urls: domains: hosts: rpz: adblock: urlhaus: stix: misp: safe-browsing: ratings: ' +
    'approved-urls: approved-hashes: warninglist:. Engines refuse older generations: the default is the time in seconds, or one more than what lies in DIR, if that is greater.',
  async run({ args, options, io }) {
    const sources = await readSourceFiles(args);
    const signer = options.key === undefined ? undefined : await readSigner(options.key);
    const crypto = createNodeCrypto();
    const generation = options.generation ?? (await nextGeneration(options.out, Object.values(componentFiles)));
    const { strict, hostRule } = options;
    const compiled = await compile(sources, { generation, createdAt: Date.now(), signer, crypto, strict, hostRule }).catch((error: unknown) => {
      throw withFirstLine(error);
    });
    await mkdir(options.out, { recursive: true }).catch((error: unknown) => {
      throw fileError(options.out, error);
    });
    await replaceFiles(options.out, filesOf(compiled));
    for (const line of options.quiet ? [] : compileLines(compiled.report, { out: options.out, colours: io.colours })) {
      await io.line(line);
    }
    return exitClean;
  },
});

async function readSourceFiles(args: readonly string[]): Promise<CompileSource[]> {
  const sources: CompileSource[] = [];
  for (const argument of args) {
    const { format, file } = parseSourceArgument(argument);
    sources.push({ name: basename(file), format, text: fromUtf8(await readLimitedFile(file, maxSourceBytes)) });
  }
  return sources;
}

function filesOf(compiled: Compiled): (readonly [string, Uint8Array])[] {
  return [
    [componentFiles.agent, compiled.agent],
    [componentFiles.filter, compiled.filter],
    [componentFiles.server, compiled.server],
    ['report.json', toUtf8(`${JSON.stringify(compiled.report, null, 2)}\n`)],
  ];
}

/** A refusal of lines, with the first of them: the whole list is too long for an error. */
function withFirstLine(error: unknown): unknown {
  const { detail } = VedetteError.is(error) ? error : { detail: null };
  const skipped = typeof detail === 'object' && detail !== null && 'skipped' in detail ? detail.skipped : undefined;
  const [first] = (Array.isArray(skipped) ? skipped : []) as readonly Partial<Record<string, unknown>>[];
  if (first === undefined) {
    return error;
  }
  const { file, line, reason } = first;
  return new VedetteError('pattern-refused', `${describeError(error)}, the first is ${String(file)} line ${String(line)}: ${String(reason)}`);
}

