/**
 * The proof of being inside: a reference server, which only those inside can reach, meets a challenge with a key that
 * is pinned for nothing else. All reference servers are challenged at once, and one is enough.
 */
import { abortedError, throwIfAborted } from '../base/errors.js';
import type { Clock, Crypto } from '../base/seams.js';
import { challengePath, encodeChallenge, isChallengeMet, type Challenge } from '../protocol/challenge.js';
import { challengeNonceBytes, maxChallengeBytes } from '../protocol/limits.js';
import type { Transport } from '../query/transport.js';
import type { LocationProbe } from './location-probe.js';

/** A server that proves where it is. */
export interface ReferenceServer {
  readonly address: string;
  /** Raw public keys (32 bytes each) that it may answer with. */
  readonly keys: readonly Uint8Array[];
}

/** What the probe is made of. */
export interface ReferenceProbeOptions {
  readonly servers: readonly ReferenceServer[];
  readonly transport: Transport;
  readonly crypto: Crypto;
  readonly clock: Pick<Clock, 'sleep'>;
  /** Time for an answer; default 3,000. */
  readonly timeoutMs?: number | undefined;
}

/** Internal when a reference server has just met a challenge; external in every other case. */
export function createReferenceProbe(options: ReferenceProbeOptions): LocationProbe {
  const { servers, clock, timeoutMs = 3_000 } = options;
  return {
    async locate({ signal }) {
      throwIfAborted(signal);
      const over = new AbortController();
      const end = (): void => over.abort();
      signal?.addEventListener('abort', end, { once: true });
      // A transport that does not heed its signal keeps nobody waiting.
      const outOfTime = clock.sleep(timeoutMs, over.signal, { background: true }).then(() => undefined, () => undefined);
      try {
        const met = await Promise.race([firstMet(servers, { ...options, signal: over.signal }), outOfTime]);
        if (signal?.aborted === true) {
          throw abortedError(signal);
        }
        return met === undefined
          ? { location: 'external', by: 'no reference server', proof: 'challenge' }
          : { location: 'internal', by: `reference server ${met}`, proof: 'challenge' };
      } finally {
        over.abort();
        signal?.removeEventListener('abort', end);
      }
    },
  };
}

type Challenging = Pick<ReferenceProbeOptions, 'transport' | 'crypto'> & { readonly signal: AbortSignal };

/** The address of the first server that meets its challenge; undefined when none of them does. */
function firstMet(servers: readonly ReferenceServer[], by: Challenging): Promise<string | undefined> {
  return new Promise((resolve) => {
    const all = servers.map(async (server) => {
      if (await meets(server, by)) {
        resolve(server.address);
      }
    });
    void Promise.all(all).then(() => resolve(undefined));
  });
}

/** Never rejects. */
async function meets(server: ReferenceServer, { transport, crypto, signal }: Challenging): Promise<boolean> {
  const challenge: Challenge = { nonce: crypto.randomBytes(challengeNonceBytes), purpose: 'location' };
  const to = { server: { id: server.address, address: server.address, scope: 'local' as const }, signal, maxBytes: maxChallengeBytes, path: challengePath };
  try {
    const reply = await transport.send(encodeChallenge(challenge), to);
    return reply.kind === 'answer' && (await isChallengeMet(reply.body, challenge, { keys: server.keys, crypto }));
  } catch {
    // A transport that throws has reached nobody.
    return false;
  }
}
