/** One process that answers: handler, gate and port put together. */
import { fromUtf8 } from '../../base/bytes.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { addCounts, createServerMetrics, metricsText, type ServerCounts } from '../../server/metrics.js';
import { createGate } from '../../server/node/gate.js';
import { serve, type RunningServer } from '../../server/node/serve.js';
import type { Signer } from '../../base/seams.js';
import type { Io } from '../io.js';
import { readLimitedFile } from '../input/read-file.js';
import { prepare, type Prepared } from './handlers.js';
import type { ServePlan, ServeSettings } from './settings.js';

/** What differs between a process of its own and a worker of several. */
export interface ListenParts {
  readonly io: Io;
  readonly signer: Signer | undefined;
  /** Key of the digests by which agents are counted. */
  readonly agentKey: Uint8Array;
  /** The counters of all processes, given those of this one. */
  readonly allCounts: (own: () => ServerCounts) => Promise<readonly ServerCounts[]>;
}

/** A process that answers. */
export interface Answering {
  readonly running: RunningServer;
  readonly prepared: Prepared;
  /** Counters of this process. */
  counts(): ServerCounts;
  /** After the answers under way. */
  close(): Promise<void>;
}

const maxPemBytes = 1024 * 1024;

/** Opens the store and listens. */
export async function listen(plan: ServePlan, settings: ServeSettings, parts: ListenParts): Promise<Answering> {
  const metrics = createServerMetrics();
  const clock = createSystemClock();
  const tls = await readTls(settings);
  const prepared = await prepare(plan, settings, { ...parts, metrics });
  const text = async (): Promise<string> => {
    const all = await parts.allCounts(() => metrics.counts());
    return metricsText(addCounts(all), { ...prepared.state(), processes: all.length });
  };
  const gate = createGate({
    metrics,
    metricsText: text,
    metricsFor: settings.metricsFor ?? (settings.role === 'global' ? 'loopback' : 'any'),
    agentKey: parts.agentKey,
    rate: settings.maxRate === undefined ? undefined : { perSecond: perProcess(settings.maxRate, plan) },
    maxConnectionsPerAddress: settings.maxConnections,
    monotonicMs: () => clock.monotonicMs(),
  });
  try {
    const running = await serve({ handler: prepared.handler, host: settings.host, port: settings.port, tls, gate });
    const close = async (): Promise<void> => {
      await running.close();
      await prepared.close();
    };
    return { running, prepared, counts: () => metrics.counts(), close };
  } catch (error) {
    await prepared.close();
    throw error;
  }
}

/** Connections are dealt out evenly, so that each process sees its share of an address's requests. */
function perProcess(rate: number, plan: ServePlan): number {
  return Math.max(1, Math.ceil(rate / plan.workers));
}

async function readTls({ tlsCert, tlsKey }: ServeSettings): Promise<{ readonly cert: string; readonly key: string } | undefined> {
  if (tlsCert === undefined || tlsKey === undefined) {
    return undefined;
  }
  const [cert, key] = await Promise.all([tlsCert, tlsKey].map((file) => readLimitedFile(file, maxPemBytes)));
  return { cert: fromUtf8(cert ?? new Uint8Array()), key: fromUtf8(key ?? new Uint8Array()) };
}
