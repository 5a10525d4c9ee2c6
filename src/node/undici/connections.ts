/**
 * The connections to one server: at most so many, each with one exchange at a time, idle ones used again. Each has its
 * own connecting socket, so that whoever aborts gives back exactly what was his, in whatever state it is.
 */
import { dial, type Dialling, type Identity, type Route } from './dial.js';
import type { ConnectDone, CreateHttpClient, HttpClient } from './load-undici.js';

/** A connection for one exchange. */
export interface Connection {
  readonly client: HttpClient;
  /** Takes it back for the next exchange: only after a response that came to its end. */
  release(): void;
  /** Closes it at once. */
  destroy(error: Error): void;
}

/** Somebody who needs a connection; one of the two is called, once. */
export interface Taker {
  take(connection: Connection): void;
  /** There will be none. */
  refuse(error: Error): void;
}

/** What the connections to a server are made of. */
export interface ConnectionsOptions {
  readonly route: Route;
  readonly identity: Identity;
  readonly createClient: CreateHttpClient;
  readonly maxConnections: number;
  readonly keepAliveMs: number;
}

/** The connections to one server. */
export class Connections {
  readonly #options: ConnectionsOptions;
  readonly #idle: Connection[] = [];
  readonly #open = new Set<Connection>();
  readonly #waiting = new Set<Taker>();

  constructor(options: ConnectionsOptions) {
    this.#options = options;
  }

  /** Gives the taker a connection: now, or when one is free. */
  acquire(taker: Taker): void {
    const connection = this.#idle.pop() ?? this.#create();
    if (connection === undefined) {
      this.#waiting.add(taker);
    } else {
      taker.take(connection);
    }
  }

  /** Ends the waiting of a taker, who is then told nothing. */
  leave(taker: Taker): void {
    this.#waiting.delete(taker);
  }

  /** Closes all of them. */
  destroy(error: Error): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    waiting.forEach((taker) => taker.refuse(error));
    [...this.#open].forEach((connection) => connection.destroy(error));
  }

  #create(): Connection | undefined {
    const { route, identity, createClient, maxConnections, keepAliveMs } = this.#options;
    if (this.#open.size >= maxConnections) {
      return undefined;
    }
    let dialling: Dialling | undefined;
    const client = createClient(route.url.origin, {
      keepAliveMs,
      connect: (done) => {
        dialling = dial(route, identity);
        report(dialling, done);
      },
    });
    const connection: Connection = {
      client,
      release: () => this.#release(connection),
      destroy: (error) => {
        dialling?.cancel();
        client.destroy(error);
        this.#forget(connection);
      },
    };
    this.#open.add(connection);
    return connection;
  }

  #release(connection: Connection): void {
    const next = this.#next();
    if (next === undefined) {
      this.#idle.push(connection);
    } else {
      next.take(connection);
    }
  }

  #forget(connection: Connection): void {
    if (!this.#open.delete(connection)) {
      return;
    }
    const at = this.#idle.indexOf(connection);
    if (at >= 0) {
      this.#idle.splice(at, 1);
    }
    const next = this.#next();
    if (next !== undefined) {
      this.acquire(next);
    }
  }

  /** Whoever has waited for the longest time. */
  #next(): Taker | undefined {
    const [next] = this.#waiting;
    if (next !== undefined) {
      this.#waiting.delete(next);
    }
    return next;
  }
}

function report({ socket }: Dialling, done: ConnectDone): void {
  socket.then(
    (made) => done(null, made),
    (error: unknown) => done(error instanceof Error ? error : new Error(String(error)), null),
  );
}
