/** The load generator's client: undici, and nothing that reads what comes. */
import { contentType, queryPath } from '../../src/protocol/messages.js';
import { importPeer } from '../peers.js';

/** The part of undici that is used. */
interface Undici {
  readonly Pool: new (origin: string, options: { readonly connections: number }) => Pool;
}

interface Pool {
  request(options: { readonly path: string; readonly method: string; readonly headers: Readonly<Record<string, string>>; readonly body: Uint8Array }): Promise<{
    readonly statusCode: number;
    readonly body: { arrayBuffer(): Promise<ArrayBuffer> };
  }>;
  destroy(): Promise<void>;
}

/** Posts bodies to the server's question path and gives back what came, whatever it is. */
export interface BareClient {
  post(body: Uint8Array): Promise<Uint8Array>;
  close(): Promise<void>;
}

/** A pool of undici. */
export async function bareClient(url: string, connections: number): Promise<BareClient> {
  const { Pool } = await importPeer<Undici>('undici');
  const pool = new Pool(url, { connections });
  const headers = { 'content-type': contentType };
  return {
    async post(body) {
      const { statusCode, body: answer } = await pool.request({ path: queryPath, method: 'POST', headers, body });
      const bytes = new Uint8Array(await answer.arrayBuffer());
      if (statusCode !== 200) {
        throw new Error(`the server said ${statusCode}`);
      }
      return bytes;
    },
    close: () => pool.destroy(),
  };
}
