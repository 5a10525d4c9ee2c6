/** The agent: one engine, started once, that says on request where it takes itself to be and what it makes of things. */
import { createInterface } from 'node:readline';
import { toUtf8 } from '../../../../src/base/bytes.js';
import { bytesSubject, urlSubject } from '../../../../src/base/subject.js';
import type { LocationsConfig } from '../../../../src/engine/location-config.js';
import { createGatewayProbe } from '../../../../src/location/gateway.js';
import type { LocationProbe } from '../../../../src/location/location-probe.js';
import { createReadGateways } from '../../../../src/node/location/read-gateways.js';
import { createNodeEngine } from '../../../../src/node/preset.js';
import { createUndiciTransport } from '../../../../src/node/undici/create-undici-transport.js';
import { agentPattern } from '../../../support/feed.js';

export interface AgentConfig {
  readonly locations: LocationsConfig;
  readonly ca: string;
  /** Sabotage: an agent that takes the gateway's address for a proof. */
  readonly believesGateway?: boolean;
}

/** What the agent says of itself. */
export interface Observation {
  readonly location: string;
  readonly servers: readonly string[];
  /** What follows for a URL that is rated highly suspicious: the level. */
  readonly rated: string;
  /** What follows for a file that local layers alone cannot tell: the policy for unknown. */
  readonly unknown: string;
  /** Who answered about a listed file. */
  readonly listed: string;
}

const { locations, ca, believesGateway } = JSON.parse(process.argv[2] ?? '{}') as AgentConfig;

function gatewayAsProof(): LocationProbe {
  const probe = createGatewayProbe({ gateways: locations.gateways ?? [], read: createReadGateways() });
  return {
    async locate(options) {
      const { location, by } = await probe.locate(options);
      return { location, by };
    },
  };
}

const engine = createNodeEngine(
  { locations, query: { holdMs: 4_000, perServerMs: 1_000 } },
  {
    transport: await createUndiciTransport({ ca, proxy: 'none', keepAliveMs: 1 }),
    // Lasts for the test, and for clocks that are ahead of its fixtures.
    pattern: [await agentPattern({}, { generation: 1, createdAt: Date.now() - 1_000, expiresAt: Date.now() + 86_400_000 })],
    ...(believesGateway === true ? { location: gatewayAsProof() } : {}),
  },
);
await engine.ready();
let files = 0;

async function observe(): Promise<Observation> {
  const { location, servers } = engine.status();
  const rated = await engine.check(urlSubject('http://rated.example/'));
  const unknown = await engine.check(bytesSubject(toUtf8(`unknown ${files}`)), { layers: 'local' });
  const listed = await engine.check(bytesSubject(toUtf8(`bad ${files++}`)));
  return {
    location,
    servers: servers.map((server) => server.id),
    rated: `${rated.verdict.class} ${rated.decision.access}`,
    unknown: `${unknown.verdict.reason} ${unknown.decision.access}`,
    listed: `${listed.verdict.disposition} ${listed.verdict.threats[0]?.name ?? listed.verdict.reason}`,
  };
}

process.stdout.write('"ready"\n');
for await (const line of createInterface({ input: process.stdin })) {
  process.stdout.write(`${JSON.stringify(line === 'observe' ? await observe() : { location: engine.status().location, by: engine.status().locatedBy })}\n`);
}
await engine.close();
