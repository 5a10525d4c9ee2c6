/** The baseline of the query bench: a POST by `fetch` with as many bytes either way, and nothing looked at. */
import { requestHeaders } from '../../../src/preset/http/http-reply.js';
import type { Engine } from '../../definition.js';
import { running } from '../../definition.js';
import type { QueryInput } from '../../inputs/query-input.js';
import { batchAt } from '../../inputs/query-input.js';

/** Against a server that does nothing. */
export const bareFetch: Engine<QueryInput> = {
  name: 'bare fetch',
  expected: ({ sizes }, amount) => bareAnswer(amount, amount * sizes.answer),
  start(input) {
    const url = `${input.loopback.bareUrl}/${input.sizes.answer}`;
    return running({
      async run(amount) {
        let bytes = 0;
        for (let i = 0; i < amount; i++) {
          const init = { method: 'POST', headers: { ...requestHeaders }, body: new Uint8Array(batchAt(input, i).request) };
          const response = await fetch(url, init);
          bytes += (await response.arrayBuffer()).byteLength;
        }
        return { roundTrips: amount, bytes };
      },
      answer: ({ roundTrips, bytes }) => bareAnswer(roundTrips, bytes),
    });
  },
};

function bareAnswer(roundTrips: number, bytes: number): string {
  return `${roundTrips} round trips, ${bytes} bytes`;
}
