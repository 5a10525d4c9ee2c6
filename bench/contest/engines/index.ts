/** The in-process engines by name. */
import type { AnyScan, EngineInput } from '../in-process.js';
import { timedScan } from '../in-process.js';
import { startAhoCorasick, startDoubleArray } from './aho-corasick.js';
import { startHostMatcher, startKernel, startPattern, startTwin } from './vedette.js';
import { startNativeYaraX, startWasmYaraX } from './yara-x.js';

type Read = (file: string) => Buffer;
type Start = (input: EngineInput, read: Read) => Promise<AnyScan>;

const engines: Readonly<Record<string, Start>> = {
  'vedette-typescript': async (input, read) => timedScan(startTwin(input), read),
  'vedette-wasm': async (input, read) => timedScan(startKernel(input), read),
  'vedette-pattern': async (input, read) => timedScan(await startPattern(input), read),
  'litko-yara-x': async (input, read) => timedScan(await startNativeYaraX(input), read),
  'virustotal-yara-x': async (input, read) => timedScan(await startWasmYaraX(input), read),
  ahocorasick: async (input, read) => timedScan(await startAhoCorasick(input), read),
  'double-array': async (input, read) => timedScan(await startDoubleArray(input), read),
  host: async (input, read) => timedScan(await startHostMatcher(input), read),
};

/** @throws Error when there is no such engine; Unavailable when it cannot take part. */
export async function startEngine(name: string, input: EngineInput, read: Read): Promise<AnyScan> {
  const start = engines[name];
  if (start === undefined) {
    throw new Error(`no engine ${JSON.stringify(name)}`);
  }
  return start(input, read);
}
