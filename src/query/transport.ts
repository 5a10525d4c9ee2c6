/** Carries bytes to a server and back. The only thing between vedette and a wire: one function. */

/** A server as the configuration names it. */
export interface Server {
  /** Unique among the servers of an engine. */
  readonly id: string;
  /** What the transport understands; its scheme must stand in `Transport.schemes`. */
  readonly address: string;
  readonly scope: 'local' | 'global';
}

/** What came back: an answer, a request of the server to wait, or a failure. */
export type Reply<T> =
  | { readonly kind: 'answer'; readonly body: T }
  | { readonly kind: 'wait'; readonly waitMs?: number }
  | {
      readonly kind: 'failed';
      /** Whether the same question may be put to the same server again within this hold. */
      readonly retry: boolean;
      /** `bad-answer` when bytes came that cannot be believed; `unreachable` otherwise. */
      readonly reason?: 'unreachable' | 'bad-answer';
      readonly detail?: string;
    };

/** Options of one exchange. */
export interface SendOptions {
  readonly server: Server;
  /** Fires on abort and on timeout; the exchange then ends at once and gives its socket back. */
  readonly signal: AbortSignal;
  /** Reading stops, and the exchange fails, at the first byte over this. */
  readonly maxBytes: number;
  /**
   * What comes behind the address of the server, in place of `/v1/query`: a reference server is challenged at
   * `/v1/challenge`. A transport without paths may leave it aside; its servers then prove no location.
   */
  readonly path?: string | undefined;
}

/** One request, one reply. It does not retry, does not follow redirects and does not throw for what a server does. */
export interface Transport {
  /** For each address scheme (without colon) whether the way is secret and authenticated. */
  readonly schemes: Readonly<Record<string, 'plain' | 'secure'>>;
  send(body: Uint8Array, options: SendOptions): Promise<Reply<Uint8Array>>;
  close?(): Promise<void>;
}
