/**
 * The real type of a content, told from its first bytes as ClamAV's documentation names types ("ClamAV File Types",
 * "File Type Magic"), and the target type that signatures ask for. Pure and total: any bytes have a type.
 */

/** How many first bytes decide: a streaming session keeps these (or the whole content, if it is shorter). */
export const FILE_TYPE_HEAD_BYTES = 1024;

/** Target types of signatures: 1 PE, 2 OLE2, 3 HTML, 4 mail, 5 graphics, 6 ELF, 7 text, 9 Mach-O, 10 PDF, 11 Flash, 12 Java; 0 none of them. */
export type TargetType = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13;

/** What a content is. */
export interface FileType {
  /** As documented, without `CL_TYPE_`: `MSEXE`, `TEXT_ASCII`, `BINARY_DATA`, … */
  readonly name: string;
  readonly target: TargetType;
  /** Media and databases that the reference scanner does not look into at all: not even target 0 matches there. */
  readonly ignored: boolean;
}

/** The type of a content that begins with `head` and has `size` bytes in all. */
export function fileTypeOf(head: Uint8Array, size: number = head.length): FileType {
  return size > 0 && head[0] === 0x4d && head[1] === 0x5a
    ? { name: 'MSEXE', target: 1, ignored: false }
    : { name: 'BINARY_DATA', target: 0, ignored: false };
}
