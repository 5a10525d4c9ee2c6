/** The in-process engines by name. */
import type { AnyScan, EngineInput } from '../in-process.js';
import { timedScan } from '../in-process.js';
import { startHostMatcher, startVedette } from './vedette.js';

type Read = (file: string) => Buffer;
type Start = (input: EngineInput, read: Read) => Promise<AnyScan>;

const engines: Readonly<Record<string, Start>> = {
  'vedette-typescript': async (input, read) => timedScan(startVedette(input), read),
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
