/**
 * The memory map of a walk over the sections `signatures` and `anchors` in the kernel: words that both sides read and
 * write, a table of the nodes of one body, then what `signature-scout.ts` lays out. Compiled twice, as abi.ts is.
 */

/** Where the walk stands: number of the signature, and addresses in the two sections. */
export const walkBody = 0x1000;
export const walkAt = 0x1004;
export const walkAnchorsAt = 0x1008;
/** Nodes passed over since the caller looked, and how many there may be. */
export const walkParts = 0x100c;
export const walkMaxParts = 0x1010;
/** What there is: signatures, threat classes, and the sections with their ends. No anchors: both are 0. */
export const walkCount = 0x1014;
export const walkClasses = 0x1018;
export const walkFrom = 0x101c;
export const walkEnd = 0x1020;
export const walkAnchorsFrom = 0x1024;
export const walkAnchorsEnd = 0x1028;
/** What is written: a block for every 16 signatures, numbers of those without anchors, rows of the three lanes. */
export const walkBlocks = 0x102c;
export const walkUnsettled = 0x1030;
export const walkRows = 0x1034;
/** What was found: anchors, bytes of the longest segment, whether there are caseless anchors, lanes (bits) that are awake. */
export const walkAnchors = 0x1040;
export const walkLongest = 0x1044;
export const walkCaseless = 0x1048;
export const walkAwake = 0x104c;

/** Per node: kind, most bytes (`openLength` for a gap without end), address of a run or of the first alternative, how many. */
export const nodesAt = 0x2000;
export const nodeBytes = 16;
export const openLength = 0x7fffffff;

/** A block: offsets in the two sections, and the number of the next anchor. */
export const blockWords = 3;
export const blockSize = 16;

export const walkDataAt = 0x6000;

/** As in the limits of signatures and their codecs; a test holds them to be the same. */
export const walkMaxBytes = 65536;
export const walkMaxNodes = 1024;
export const walkMaxOptions = 1024;
/** Of the rest of a name: longer ones are added to their prefix and counted by the walk. */
export const walkMaxNameBytes = 769;
export const walkInnerGap = 255;
