/**
 * Entry `./testing`: what hosts and makers of parts test with. Conformance suites for every seam (the test runner is
 * passed in), a clock and chance that obey, scripted servers and sources, a whole server in the process, a checker
 * that answers from tables, and seeded workloads.
 */
export { collect, runAll, type CollectedTest, type TestFailure } from './testing/collect.js';
export { ConformanceError } from './testing/assertions.js';
export type { SuiteOptions, TestFunction, TestRunner } from './testing/runner.js';

export { describeActionHandler, type ActionHandlerFixture, type ActionHandlerSuiteOptions } from './testing/suites/action-handler-suite.js';
export { describeAuditLog, type AuditLogContext, type AuditLogSuiteOptions } from './testing/suites/audit-log-suite.js';
export { describeByteSource, type ByteSourceContext, type ByteSourceSuiteOptions } from './testing/suites/byte-source-suite.js';
export { describeVerdictCache, type CacheContext, type CacheSuiteOptions } from './testing/suites/cache-suite.js';
export { describeClock, type ClockSuiteOptions } from './testing/suites/clock-suite.js';
export { describeCrypto, type CryptoSuiteOptions } from './testing/suites/crypto-suite.js';
export { describeExtractor, type ExtractorSuiteOptions } from './testing/suites/extractor-suite.js';
export { describeHostLists, type HostListsContext, type HostListsSuiteOptions } from './testing/suites/host-lists-suite.js';
export { describeLocationProbe, type LocationSuiteOptions } from './testing/suites/location-suite.js';
export { describeMatcher, type MatcherSuiteOptions } from './testing/suites/matcher-suite.js';
export { describeOpener, type Opener, type OpenerFixture, type OpenerSuiteOptions } from './testing/suites/opener-suite.js';
export { describePendingQueue } from './testing/suites/queue-suite.js';
export type { QueueContext, QueueSuiteOptions } from './testing/suites/queue/fixture.js';
export { describeQueryClient } from './testing/suites/query-client-suite.js';
export type { QueryClientContext, QueryClientSuiteOptions } from './testing/suites/query/fixture.js';
export { describeRandom, type RandomSuiteOptions } from './testing/suites/random-suite.js';
export { describeReputationSource, type SourceContext, type SourceSuiteOptions } from './testing/suites/source-suite.js';
export { describeReputationStore, type StoreContext, type StoreSuiteOptions } from './testing/suites/store-suite.js';
export { describeRetroLog, type RetroLogContext, type RetroLogSuiteOptions } from './testing/suites/retro-log-suite.js';
export { describeStateStore, type StateStoreSuiteOptions } from './testing/suites/state-store-suite.js';
export { describeTransport, type ConnectedTransport, type TransportContext, type TransportSuiteOptions } from './testing/suites/transport-suite.js';

export { FakeClock, settle } from './testing/doubles/fake-clock.js';
export { createSeededRandom } from './testing/doubles/seeded-random.js';
export { createTestSigner } from './testing/test-signer.js';
export { createTestPattern, type TestPatternOptions } from './testing/test-pattern.js';

export { fakeChecker, type FakeChecker, type FakeCheckerOptions, type FakeRules, type FakeVerdict } from './testing/doubles/fake-checker.js';
export { createInProcessServer, type InProcessServer, type InProcessServerOptions } from './testing/doubles/in-process-server.js';
export type { HashEntry } from './pattern/hash-entry.js';
export type { ByteSignature, SignatureNode, SignatureOffset } from './pattern/signature.js';
export { fileEntry, urlEntry, type ListedAs } from './testing/entries.js';
export { createScriptedSource, type ScriptedSource, type ScriptedSourceOptions, type SourceMode } from './testing/doubles/scripted-source.js';
export { createScriptedTransport, type ScriptedReply, type ScriptedTransport, type SentRequest } from './testing/doubles/scripted-transport.js';
export { createScriptedServer, type ReceivedRequest, type ScriptedServer, type ServerStep } from './testing/doubles/scripted-server.js';

export { createRecordingTransport, type RecordingTransport } from './testing/capture/recording-transport.js';
export { createReplayTransport, type ReplayOptions, type ReplayTransport } from './testing/capture/replay-transport.js';

export { createSimulation, type Simulation, type SimulationOptions } from './testing/simulator/simulation.js';
export { simulateTraffic, type SimulatedClientOptions, type SimulatedClientParts, type TrafficOptions } from './testing/simulator/simulate-traffic.js';
export type { TrafficReport } from './testing/simulator/tally.js';
export type { SimulatedClock } from './testing/simulator/simulated-clock.js';
export type { EventLog } from './testing/simulator/event-log.js';
export type { ServerCondition, SimulatedServer, SimulatedServerOptions } from './testing/simulator/simulated-server.js';

export { eicar, eicarThreatName } from './testing/eicar.js';
export {
  seededBytes,
  seededText,
  seededWorkload,
  type Workload,
  type WorkloadOptions,
  type WorkloadSource,
  type WorkloadSubject,
} from './testing/workloads.js';
