/** `vedette update --serve`: what a data directory has of a repository, for others on the network. */
import { describeError, VedetteError } from '../../base/errors.js';
import { createUpdateRelay } from '../../node/update/relay/create-update-relay.js';
import { readRoot } from '../../node/update/open-upkeep.js';
import { createSystemClock } from '../../preset/system-seams.js';
import { createServerMetrics } from '../../server/metrics.js';
import { createGate } from '../../server/node/gate.js';
import { serve } from '../../server/node/serve.js';
import { exitClean } from '../exit-code.js';
import type { Io } from '../io.js';

/** What is served, and where. */
export interface ServeUpdatesSettings {
  readonly data: string;
  readonly root: string | undefined;
  readonly host: string | undefined;
  readonly port: number | undefined;
  /** Kilobytes a second. */
  readonly maxSpeed: number | undefined;
}

/** Of one address: an update takes some ten requests. */
const requestsPerSecond = 20;
const connectionsPerAddress = 16;

/** Serves until it is stopped. The first line says where. */
export async function serveUpdates(settings: ServeUpdatesSettings, io: Io): Promise<typeof exitClean> {
  if (settings.root === undefined) {
    throw new VedetteError('config-invalid', 'update --serve needs --root FILE: the root.json with which the directory was brought up to date');
  }
  const clock = createSystemClock();
  const handler = createUpdateRelay({
    dataDir: settings.data,
    root: await readRoot(settings.root),
    clock,
    bytesPerSecond: settings.maxSpeed === undefined ? undefined : settings.maxSpeed * 1000,
    onFault: (error) => io.note(`vedette: ${describeError(error)}`),
  });
  const gate = createGate({
    metrics: createServerMetrics(),
    rate: { perSecond: requestsPerSecond },
    maxConnectionsPerAddress: connectionsPerAddress,
    monotonicMs: () => clock.monotonicMs(),
  });
  const running = await serve({ handler, gate, host: settings.host, port: settings.port, limits: { maxBodyBytes: 0, maxConnections: 512 } });
  await io.line(JSON.stringify({ listening: running.url }));
  await new Promise<void>((resolve) => {
    if (io.signal.aborted) {
      resolve();
    }
    io.signal.addEventListener('abort', () => resolve(), { once: true });
  });
  await running.close();
  return exitClean;
}
