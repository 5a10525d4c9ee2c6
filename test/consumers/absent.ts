/** A host with `exactOptionalPropertyTypes` that hands on what it was given, present or not. */
import { bytesSubject, createEngine, type CheckOptions, type Engine, type EngineConfig } from 'vedette';

interface HostOptions {
  readonly name?: string;
  readonly servers?: EngineConfig['servers'];
  readonly maxConcurrent?: number;
  readonly holdMs?: number;
  readonly level?: EngineConfig['level'];
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

export function engineOf(options: HostOptions): Engine {
  const { name, servers, level, maxConcurrent, holdMs } = options;
  return createEngine({ name, servers, level, limits: { maxConcurrent }, query: { holdMs }, policy: undefined, background: undefined });
}

export async function judge(engine: Engine, bytes: Uint8Array, options: HostOptions): Promise<string> {
  const checkOptions: CheckOptions = { deadlineMs: options.timeoutMs, signal: options.signal, trace: undefined };
  const tenant = engine.derive({ name: 'tenant', level: options.level, limits: { maxConcurrent: options.maxConcurrent } });
  for await (const { verdict } of tenant.checkAll([bytesSubject(bytes)], { concurrency: options.maxConcurrent, ...checkOptions })) {
    return verdict.disposition;
  }
  return 'nothing';
}
