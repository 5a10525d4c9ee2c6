/** Small durable values of a browser: installed patterns, the newest generation seen, what servers asked to wait for. */
import type { StateStore } from '../../base/seams.js';
import type { Connection } from './connection.js';
import type { DamageReporter } from './damage.js';

/** A state store over the connection. A value that is none of ours is told and is as if it were not there. */
export function createState(connection: Connection, report: DamageReporter): StateStore {
  return {
    async get(key) {
      const record: unknown = await connection.read(['state'], (transaction) => transaction.objectStore('state').get(key));
      const value = typeof record === 'object' && record !== null && 'value' in record ? record.value : undefined;
      if (value instanceof Uint8Array) {
        return value;
      }
      if (record !== undefined) {
        report({ store: 'state', key: JSON.stringify(key), became: 'skipped' });
      }
      return undefined;
    },
    async set(key, value) {
      // A browser keeps the whole buffer behind a view.
      const own = value.slice();
      await connection.write(['state'], async (transaction) => {
        await transaction.objectStore('state').put({ key, value: own });
      });
    },
  };
}
