/**
 * A vendor with a message bus and a backend of its own: questions travel over the bus, the backend's ratings are one
 * more source, finds go to the case system, and the engine's own parts stay for the rest.
 */
import { createEngine, createHostLists } from 'vedette';
import type { ActionHandler, Answer, Engine, Question, Reply, ReputationSource, SourceAnswers, Transport } from 'vedette';

/** The vendor's own systems. */
export interface VendorSystems {
  publish(topic: string, body: Uint8Array, signal: AbortSignal): Promise<Uint8Array>;
  /** Full hashes in, ratings out; missing ones were not answered. */
  rate(hashes: readonly Uint8Array[], signal: AbortSignal): Promise<Map<string, { name: string; score: number } | null>>;
  openCase(key: string, facts: { label: string; threats: readonly string[]; occasion: string }): Promise<void>;
}

/** An engine over the vendor's systems. */
export function vendorEngine(systems: VendorSystems, trust: string): Engine {
  return createEngine({
    servers: [{ address: 'bus:reputation', scope: 'local', trust: [trust] }],
    policy: { base: 'endpoint', malicious: { access: 'block', remedy: 'none' } },
    parts: {
      transport: overBus(systems),
      source: [ratings(systems)],
      actions: caseSystem(systems),
      lists: createHostLists({ rules: [{ id: 'own-site', effect: 'approved', url: 'vendor.example/' }] }),
    },
  });
}

function overBus(systems: VendorSystems): Transport {
  return {
    schemes: { bus: 'secure' },
    async send(body, { server, signal, maxBytes }) {
      try {
        const answer = await systems.publish(server.address, body, signal);
        return answer.length > maxBytes ? { kind: 'failed', retry: false, reason: 'bad-answer' } : { kind: 'answer', body: answer };
      } catch {
        return { kind: 'failed', retry: true, reason: 'unreachable' };
      }
    },
  };
}

/** Foreign answers rank below signed ones (strength 2), and asking by full hash is the vendor's explicit choice. */
function ratings(systems: VendorSystems): ReputationSource {
  return { id: 'ratings', scope: 'global', asks: 'full-hash', maxBatch: 100, strength: 2, lookup: (question, { signal }) => lookUp(systems, question, signal) };
}

async function lookUp(systems: VendorSystems, question: Question, signal: AbortSignal): Promise<Reply<SourceAnswers>> {
  const rated = await systems.rate(question.hashes, signal).catch(() => undefined);
  if (rated === undefined) {
    return { kind: 'failed', retry: true, reason: 'unreachable' };
  }
  const answers = question.hashes.flatMap((asked): Answer[] => {
    const rating = rated.get(Array.from(asked, (byte) => byte.toString(16).padStart(2, '0')).join(''));
    if (rating === undefined) {
      return [];
    }
    const disposition = rating === null || rating.score > 80 ? 'clean' : rating.score > 50 ? 'suspicious' : 'malicious';
    const threats = rating === null || disposition === 'clean' ? [] : [{ name: rating.name, type: 'unclassified' }];
    return [{ asked, records: rating === null ? [] : [{ hash: asked, disposition, threats, score: rating.score }], ttlMs: 3_600_000 }];
  });
  return { kind: 'answer', body: { answers } };
}

function caseSystem(systems: VendorSystems): ActionHandler {
  return {
    idempotent: true,
    async apply({ subject, verdict, occasion }, { key }) {
      await systems.openCase(key, { label: subject.label ?? '', threats: verdict.threats.map((threat) => threat.name), occasion });
      return { kind: 'done' };
    },
  };
}
