import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encodeQuestion, readResponse } from '../../../src/adapters/foreign/dns-message.js';
import { concatBytes } from '../../../src/base/bytes.js';
import { nameBytes, questionIn, responseOf } from './fake-doh.js';

const asked = { name: 'aa.hash.cymru.com', type: 'TXT' as const };
const good = responseOf(asked, { values: ['1611956489 28'] });
const numRuns = 10 * Number(process.env.FUZZ_RUNS ?? 100);

describe('a DNS message', () => {
  it('asks for one name, with the id 0', () => {
    const message = encodeQuestion(asked.name, asked.type);
    expect([message[0], message[1], questionIn(message)]).toEqual([0, 0, asked]);
    expect(() => encodeQuestion(`${'a'.repeat(64)}.example`, 'A')).toThrow(RangeError);
  });

  it.each([
    ['a text', { values: ['1611956489 28'] }, [{ value: '1611956489 28', ttlMs: 300_000 }]],
    ['a text of several strings', { values: ['x'.repeat(700)] }, [{ value: 'x'.repeat(700), ttlMs: 300_000 }]],
    ['two records', { values: ['a', 'b'], ttl: 0 }, [{ value: 'a', ttlMs: 0 }, { value: 'b', ttlMs: 0 }]],
    ['a life with its highest bit set', { values: ['a'], ttl: 0x80000001 }, [{ value: 'a', ttlMs: 0 }]],
    ['a name in full, in other letters', { values: ['a'], owner: nameBytes('AA.hash.CYMRU.com') }, [{ value: 'a', ttlMs: 300_000 }]],
    ['a record of another name', { values: ['a'], owner: nameBytes('bb.hash.cymru.com') }, []],
    ['no records', {}, []],
  ])('%s', (_, answer, records) => {
    expect(readResponse(responseOf(asked, answer), asked)).toEqual({ kind: 'records', records });
  });

  it('NXDOMAIN is the one response without a name', () => {
    const kinds = Array.from({ length: 16 }, (_, rcode) => readResponse(responseOf(asked, { rcode }), asked).kind);
    expect(kinds).toEqual(kinds.map((_, rcode) => (rcode === 0 ? 'records' : rcode === 3 ? 'no-name' : 'failed')));
  });

  it.each<[string, Uint8Array]>([
    ['NXDOMAIN for another name', responseOf({ ...asked, name: 'bb.hash.cymru.com' }, { rcode: 3 })],
    ['NXDOMAIN for another type', responseOf({ ...asked, type: 'A' }, { rcode: 3 })],
    ['a question', responseOf(asked, { rcode: 3, flags: 0x0100 })],
    ['a message that was cut', responseOf(asked, { rcode: 3, flags: 0x8380 })],
    ['another id', good.map((byte, i) => (i === 1 ? 1 : byte))],
    ['65 answers', responseOf(asked, { values: Array.from({ length: 65 }, () => 'a') })],
    ['a pointer to itself', responseOf(asked, { values: ['a'], owner: Uint8Array.of(0xc0, 12 + nameBytes(asked.name).length + 4) })],
    ['a pointer ahead', responseOf(asked, { values: ['a'], owner: Uint8Array.of(0xc0, 0xff) })],
    ['nothing', new Uint8Array(0)],
  ])('%s is no response', (_, bytes) => {
    expect(readResponse(bytes, asked).kind).toBe('failed');
  });

  it('cut anywhere it is no response', () => {
    for (let length = 0; length < good.length; length++) {
      expect(readResponse(good.subarray(0, length), asked).kind).toBe('failed');
    }
  });

  it('any bytes are a reply, and soon; nothing but the code 3 is "no such name"', () => {
    const changed = fc.array(fc.tuple(fc.nat(good.length - 1), fc.nat(255)), { maxLength: 4 }).map((changes) => {
      const bytes = good.slice();
      changes.forEach(([at, byte]) => (bytes[at] = byte));
      return bytes;
    });
    fc.assert(
      fc.property(fc.oneof(changed, fc.uint8Array({ maxLength: 600 }), changed.map((bytes) => concatBytes([bytes, bytes]))), (bytes) => {
        const reply = readResponse(bytes, asked);
        expect(['records', 'no-name', 'failed']).toContain(reply.kind);
        if (reply.kind === 'no-name') {
          expect(bytes[3]! & 0x0f).toBe(3);
        }
      }),
      { numRuns },
    );
  });
});
