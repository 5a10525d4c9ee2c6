/** Reads every source with the reader of its format, and leaves out what the ignore lists among them name. */
import type { HostRule } from '../base/fingerprint.js';
import { createExtractor } from '../fingerprint/create-extractor.js';
import { createPortableHash, sha256 } from '../fingerprint/digests.js';
import type { SourceFormat } from './detect.js';
import { createIgnoreList } from './ignore.js';
import { readers } from './readers/index.js';
import type { ReaderContext, ReaderOutput } from './readers/reader.js';
import type { SourceReport } from './report.js';
import { sourceReport } from './report.js';

/** One file of signatures, already read. */
export interface CompileSource {
  /** The file's name without its folder: it appears in threat names and reports. */
  readonly name: string;
  readonly format: SourceFormat;
  readonly text: string;
}

/** How the URLs in sources become expressions. */
export interface UrlSettings {
  readonly hostRule: HostRule;
  readonly registrableDomain?: ((host: string) => string | undefined) | undefined;
}

/** What the sources brought. */
export interface ReadSources {
  /** What is left of each source after the ignore lists, in the order of the sources. */
  readonly outputs: readonly ReaderOutput[];
  readonly reports: readonly SourceReport[];
}

/** Pure. @throws TypeError for the host rule `psl` without `registrableDomain`. */
export function readSources(sources: readonly CompileSource[], settings: UrlSettings): ReadSources {
  const extractor = createExtractor(settings);
  const contextOf = (source: CompileSource): ReaderContext => ({
    source: source.name,
    hostRule: settings.hostRule,
    url: (url) => extractor.url(url),
    sha256,
  });
  const read = (source: CompileSource, text: string): ReaderOutput => readers[source.format](text, contextOf(source));
  const ignoreLists = sources.filter((source) => source.format === 'ign2');
  const ignore = createIgnoreList(ignoreLists.flatMap((source) => read(source, source.text).ignored), md5);
  const outputs: ReaderOutput[] = [];
  const reports: SourceReport[] = [];
  for (const source of sources) {
    const { text, skipped } = source.format === 'ign2' ? { text: source.text, skipped: [] } : ignore.withoutLines(source.text);
    const output = read(source, text);
    const kept = {
      ...output,
      signatures: output.signatures.filter((one) => !ignore.ignoresName(one.threat.name)),
      hashes: output.hashes.filter((one) => !ignore.ignoresName(one.threat.name)),
      allow: output.allow.filter((one) => !ignore.ignoresName(one.threat.name)),
    };
    outputs.push(kept);
    reports.push(sourceReport(source, kept, { ignored: entriesOf(output) - entriesOf(kept), skipped }));
  }
  return { outputs, reports };
}

function entriesOf(output: ReaderOutput): number {
  return output.signatures.length + output.hashes.length + output.allow.length;
}

function md5(bytes: Uint8Array): Uint8Array {
  const hash = createPortableHash('md5');
  hash.update(bytes);
  return hash.digest();
}
