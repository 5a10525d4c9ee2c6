/**
 * The kernel as scout of a pattern's signatures: both sections are copied into a memory of their own, walked there by
 * compiled code, and let go with the rows once these are in the search's tables. Cold JavaScript takes ten times as
 * long, and the machine code that it would become stays in memory.
 */
import type { ScoutFinds, ScoutPlace, ScoutRun, ScoutTask, SignatureScout } from '../../pattern/anchors/quick-anchors.js';
import { laneWidths } from '../../pattern/anchors/choose-anchors.js';
import { maxAnchors, rowBytes } from './abi.js';
import type { Kernel } from './kernel.js';
import { instantiate } from './kernel.js';
import * as abi from './walk-abi.js';

const pageBytes = 65_536;
/** What a walk may read beyond a section before it looks where it is. */
const slackBytes = 4 * abi.walkMaxBytes;
const maxMemoryBytes = 2 ** 28;
/** Bytes of an anchor at least, in its section. */
const leastAnchorBytes = 3;

/** A scout that is compiled code. Each run has a memory of its own. */
export function createSignatureScout(kernel: Kernel): SignatureScout {
  return (task) => {
    const layout = layOut(task);
    return layout.bytes > maxMemoryBytes ? undefined : new KernelRun(kernel, task, layout);
  };
}

interface Layout {
  readonly section: number;
  readonly anchors: number;
  readonly blocks: number;
  readonly blockBytes: number;
  readonly unsettled: number;
  readonly rows: readonly number[];
  /** Rows that each lane has room for. */
  readonly room: number;
  readonly bytes: number;
}

/** Room for as many rows as the anchors can make, whichever lane they are of: what is not used costs no memory. */
function layOut({ section, anchors, count }: ScoutTask): Layout {
  let at = abi.walkDataAt;
  const take = (bytes: number): number => {
    const begin = at;
    at += (bytes + 15) & ~15;
    return begin;
  };
  const room = Math.min(maxAnchors, Math.floor((anchors?.length ?? 0) / leastAnchorBytes) + 1);
  const blockBytes = Math.ceil(count / abi.blockSize) * abi.blockWords * 4;
  const places = { section: take(section.length + slackBytes), anchors: take((anchors?.length ?? 0) + slackBytes), blocks: take(blockBytes), unsettled: take(4 * count + 4) };
  return { ...places, blockBytes, rows: laneWidths.map(() => take(room * rowBytes)), room, bytes: at };
}

class KernelRun implements ScoutRun {
  readonly #memory: ArrayBuffer;
  readonly #words: Uint32Array;
  readonly #walk: () => void;
  readonly #layout: Layout;

  constructor(kernel: Kernel, task: ScoutTask, layout: Layout) {
    const pages = Math.ceil(layout.bytes / pageBytes);
    const memory = new WebAssembly.Memory({ initial: pages, maximum: pages });
    this.#memory = memory.buffer;
    this.#words = new Uint32Array(memory.buffer, 0, abi.nodesAt / 4);
    this.#walk = instantiate(kernel, memory).walk;
    this.#layout = layout;
    this.#install(task);
  }

  next({ body, at, anchorsAt }: ScoutPlace, maxParts: number): ScoutPlace {
    const { section, anchors } = this.#layout;
    this.#set(abi.walkBody, body);
    this.#set(abi.walkAt, section + at);
    this.#set(abi.walkAnchorsAt, anchors + anchorsAt);
    this.#set(abi.walkParts, 0);
    this.#set(abi.walkMaxParts, Math.min(maxParts, 0x7fff_ffff));
    this.#walk();
    return {
      body: this.#get(abi.walkBody),
      at: this.#get(abi.walkAt) - section,
      anchorsAt: this.#get(abi.walkAnchorsAt) - anchors,
      parts: this.#get(abi.walkParts),
    };
  }

  finish(): ScoutFinds {
    const { rows, room, blocks, blockBytes, unsettled } = this.#layout;
    const awake = this.#get(abi.walkAwake);
    return {
      blocks: new Uint32Array(this.#memory, blocks, blockBytes / 4).slice(),
      unsettled: new Uint32Array(this.#memory, unsettled, (this.#get(abi.walkUnsettled) - unsettled) / 4),
      rows: rows.map((at, lane) => ({ words: new Uint32Array(this.#memory, at, (room * rowBytes) / 4), count: (this.#get(abi.walkRows + 4 * lane) - at) / rowBytes })),
      awake: rows.map((_, lane) => ((awake >> lane) & 1) !== 0),
      anchors: this.#get(abi.walkAnchors),
      longestSegment: this.#get(abi.walkLongest),
      isCaseless: this.#get(abi.walkCaseless) !== 0,
    };
  }

  #install({ section, anchors, count, classes }: ScoutTask): void {
    const { section: from, anchors: anchorsFrom, blocks, unsettled, rows } = this.#layout;
    const bytes = new Uint8Array(this.#memory);
    bytes.set(section, from);
    if (anchors !== undefined) {
      bytes.set(anchors, anchorsFrom);
      this.#set(abi.walkAnchorsEnd, anchorsFrom + anchors.length);
    }
    this.#set(abi.walkCount, count);
    this.#set(abi.walkClasses, classes);
    this.#set(abi.walkFrom, from);
    this.#set(abi.walkEnd, from + section.length);
    this.#set(abi.walkAnchorsFrom, anchorsFrom);
    this.#set(abi.walkBlocks, blocks);
    this.#set(abi.walkUnsettled, unsettled);
    rows.forEach((at, lane) => this.#set(abi.walkRows + 4 * lane, at));
  }

  #get(address: number): number {
    return this.#words[address >> 2]!;
  }

  #set(address: number, value: number): void {
    this.#words[address >> 2] = value;
  }
}
