/**
 * A matcher of one's own, measured beside vedette's:
 *
 *     npm run bench -- --engine bench/examples/own-matcher.mjs --only scan
 *
 * It keeps the whole content and searches for one literal after the other. That is right, simple and slow.
 */

/** How it is listed. */
export const name = 'one search a literal';

/** Each signature of the bench is one literal at any offset, with a name of its own: `threat.name`, `nodes[0].value`. */
export function createMatcher(signatures) {
  const literals = signatures.map(({ threat, nodes }) => ({ threat, bytes: Buffer.from(nodes[0].value) }));
  return {
    open() {
      const chunks = [];
      return {
        // The chunk is not ours to keep: the next one may be read into the same memory.
        update: (chunk) => chunks.push(Buffer.from(chunk)),
        finish() {
          const content = Buffer.concat(chunks);
          const findings = [];
          for (const { threat, bytes } of literals) {
            const at = content.indexOf(bytes);
            if (at !== -1) {
              findings.push({ threat, at });
            }
          }
          return { findings };
        },
      };
    },
  };
}
