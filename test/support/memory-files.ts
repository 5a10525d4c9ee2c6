/** Files in memory behind the `DurableFiles` seam, without a past: for runs too long for a disk that remembers every write. */
import type { DurableFile, DurableFiles } from '../../src/node/files/durable-files.js';

interface Content {
  bytes: Uint8Array;
  length: number;
}

/** An empty file system. What is written is there at once and stays. */
export function createMemoryFiles(): DurableFiles {
  const names = new Map<string, Content>();
  const directories = new Set<string>(['/']);
  return {
    makeDirectory: async (path) => !directories.has(path) && directories.add(path).has(path),
    list: async (path) => [...names.keys()].filter((name) => name.startsWith(`${path}/`)).map((name) => name.slice(path.length + 1)),
    exists: async (path) => names.has(path) || directories.has(path),
    create: async (path) => {
      if (names.has(path)) {
        throw Object.assign(new Error(`EEXIST: ${path}`), { code: 'EEXIST' });
      }
      const content = { bytes: new Uint8Array(1024), length: 0 };
      names.set(path, content);
      return fileOf(content);
    },
    open: async (path) => {
      const content = names.get(path);
      return content === undefined ? undefined : fileOf(content);
    },
    rename: async (from, to) => {
      const content = names.get(from);
      if (content === undefined) {
        throw Object.assign(new Error(`ENOENT: ${from}`), { code: 'ENOENT' });
      }
      names.delete(from);
      names.set(to, content);
    },
    remove: async (path) => void names.delete(path),
    syncDirectory: async () => undefined,
  };
}

function fileOf(content: Content): DurableFile {
  return {
    size: async () => content.length,
    read: async (at, into) => {
      const part = content.bytes.subarray(at, Math.min(at + into.length, content.length));
      into.set(part);
      return part.length;
    },
    write: async (at, bytes) => {
      const end = at + bytes.length;
      if (end > content.bytes.length) {
        const grown = new Uint8Array(2 * end);
        grown.set(content.bytes);
        content.bytes = grown;
      }
      content.bytes.set(bytes, at);
      content.length = Math.max(content.length, end);
    },
    sync: async () => undefined,
    close: async () => undefined,
  };
}
