/** A source over one server of our own protocol, for hosts that put their query parts together themselves. */
import type { Clock, Crypto } from '../base/seams.js';
import type { KeyRing } from '../protocol/key-ring.js';
import { parsePublicKey } from '../protocol/keys.js';
import type { ReputationSource } from '../query/reputation-source.js';
import type { Server, Transport } from '../query/transport.js';
import { createWireSource as create, type WirePrivacy } from '../query/wire/wire-source.js';
import { createPortableCrypto } from './portable-crypto.js';
import { createSystemClock } from './system-seams.js';

/**
 * One source per server: breaker, waits and probes are per server. `trust` holds public keys as text (`ed25519:…`), or is
 * a ring whose keys come and go (`createKeyRing`). `privacy`: padding and decoys (docs/threat-model.md).
 * @throws VedetteError `config-invalid` when the server's answers could never be believed.
 */
export function createWireSource(options: {
  readonly transport: Transport;
  readonly server: Server;
  readonly trust: readonly string[] | KeyRing;
  readonly privacy?: WirePrivacy | undefined;
  readonly crypto?: Crypto | undefined;
  readonly clock?: Clock | undefined;
}): ReputationSource {
  const { transport, server, privacy, crypto = createPortableCrypto(), clock = createSystemClock() } = options;
  const trust = 'find' in options.trust && 'offer' in options.trust ? options.trust : options.trust.map(parsePublicKey);
  return create({ transport, server, trust, privacy, crypto, clock });
}
