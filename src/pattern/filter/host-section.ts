/**
 * Section `hosts` of a filter: which hosts have anything listed, and whether as a whole or in parts. docs/patterns.md,
 * "Filter". Written by `encodeHosts`, opened by `openHosts`; a look-up reads three slots and needs no digest.
 */
import type { ListedHosts } from '../../base/host-hash.js';
import { ByteReader } from '../bytes/byte-reader.js';
import { ByteWriter } from '../bytes/byte-writer.js';
import { refused } from '../refused.js';
import { firstWord, gateMask, markOf, placeOf, secondSlot, secondWord, slotCount, thirdSlot } from './fuse-slots.js';
import type { FuseLayout } from './fuse-slots.js';
import type { HostFuse } from './host-fuse-build.js';
import { fieldAt, fieldBytes } from './packed-fields.js';

/** The only encoding that is known; another one may come without a new container version. */
const fuseEncoding = 0;

/** Listed hosts, and what they cost. */
export interface HostSet extends ListedHosts {
  /** Distinct hosts. */
  readonly count: number;
  /** Memory that the set keeps. */
  readonly bytes: number;
}

/** The section. */
export function encodeHosts(fuse: HostFuse): Uint8Array {
  const writer = new ByteWriter();
  writer.u8(fuseEncoding);
  writer.u8(fuse.layout.segmentBits);
  writer.u8(fuse.fieldBits);
  writer.u32(fuse.layout.segmentCount);
  writer.u32(fuse.layout.seed);
  writer.u32(fuse.hosts);
  writer.u32(fuse.layout.gateWords);
  fuse.gate.forEach((word) => writer.u32(word));
  writer.bytes(fuse.marks);
  writer.bytes(fuse.fields);
  return writer.finish();
}

/** The planes are copied. @throws VedetteError `pattern-refused` for bytes that are no host section. */
export function openHosts(section: Uint8Array): HostSet {
  const reader = new ByteReader(section, 'hosts');
  const encoding = reader.u8();
  if (encoding !== fuseEncoding) {
    throw refused('version', `hosts: encoding ${encoding} is not known here`, { section: 'hosts' });
  }
  const segmentBits = reader.u8();
  const fieldBits = reader.u8();
  const segmentCount = reader.u32();
  const seed = reader.u32();
  const count = reader.u32();
  const gateWords = reader.u32();
  const layout: FuseLayout = { seed, segmentBits, segmentCount, gateWords };
  const slots = slotCount(layout);
  const isPossible = segmentBits >= 2 && segmentBits <= 18 && fieldBits >= 2 && fieldBits <= 8 && segmentCount > 0 && gateWords > 0;
  if (!isPossible || count > slots) {
    throw refused('malformed', 'hosts: dimensions that no filter has', { section: 'hosts' });
  }
  const gate = words(reader.bytes(4 * gateWords));
  const marks = reader.bytes(slots).slice();
  const fields = reader.bytes(fieldBytes(slots, fieldBits)).slice();
  reader.end();
  const bytes = gate.byteLength + marks.length + fields.length;
  return { count, bytes, classOf: lookUp({ layout, gate, marks, fields, fieldBits }) };
}

function words(bytes: Uint8Array): Uint32Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  return Uint32Array.from({ length: bytes.length / 4 }, (_, i) => view.getUint32(4 * i, true));
}

function lookUp({ layout, gate, marks, fields, fieldBits }: Omit<HostFuse, 'hosts'>): HostSet['classOf'] {
  const { seed, segmentBits, gateWords } = layout;
  const starts = layout.segmentCount * 2 ** segmentBits;
  const restMask = (1 << (fieldBits - 2)) - 1;
  return (a, b) => {
    const first = firstWord(a, seed);
    const second = secondWord(b, first);
    const mask = gateMask(second);
    // Four of five hosts that are not listed end here, for one word from memory instead of three bytes far apart.
    if ((gate[placeOf(first, gateWords)]! & mask) !== mask) {
      return 0;
    }
    const one = placeOf(first, starts);
    const two = secondSlot(one, second, segmentBits);
    const three = thirdSlot(one, second, segmentBits);
    const mark = markOf(first, second);
    if ((marks[one]! ^ marks[two]! ^ marks[three]!) !== (mark & 0xff)) {
      return 0;
    }
    const field = fieldAt(fields, one, fieldBits) ^ fieldAt(fields, two, fieldBits) ^ fieldAt(fields, three, fieldBits);
    return field >>> 2 === ((mark >>> 8) & restMask) ? field & 3 : 0;
  };
}
