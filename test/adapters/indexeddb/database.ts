/** IndexedDB in the process, and databases of which every test has its own. */
import 'fake-indexeddb/auto';

let count = 0;

/** A name that no other test has. */
export function freshName(): string {
  return `vedette-${count++}`;
}
