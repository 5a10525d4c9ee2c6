/** Deltas from generation 1 to generation 2 that are signed for and do not lead there. */
import { makeDelta } from '../../../src/update/delta/make-delta.js';
import { encodeDelta, parseDelta } from '../../../src/update/delta/delta-format.js';
import { crypto } from '../feed.js';
import { containersOf } from './scene.js';

type Component = 'agent-pattern' | 'filter';

async function honest(component: Component, to = 2): Promise<Uint8Array> {
  return makeDelta((await base())[component], (await containersOf(to))[component], { crypto });
}

/** Not the file of the host: created at another instant. */
const base = (): ReturnType<typeof containersOf> => containersOf(1, { createdAt: 1_700_000_000_000 });

/** The honest delta but for the length of a section, of which 100 bytes make 900 MB. */
async function inflated(component: Component): Promise<Uint8Array> {
  const delta = parseDelta(await honest(component), { crypto });
  const sections = delta.sections.map((section, index) => (index === 0 ? { ...section, method: 'copy' as const, length: 900_000_000, payload: new Uint8Array(40).fill(0x81) } : section));
  return encodeDelta({ ...delta, sections }, crypto);
}

export const hostileDeltas: readonly (readonly [name: string, make: (component: Component) => Promise<Uint8Array>])[] = [
  ['rubbish', async () => new Uint8Array(40).fill(7)],
  ['nothing', async () => new Uint8Array()],
  ['made for another base', (component) => honest(component)],
  ['of the other component', (component) => honest(component === 'filter' ? 'agent-pattern' : 'filter')],
  ['that leads to another generation', (component) => honest(component, 3)],
  ['that is cut off', async (component) => (await honest(component)).subarray(0, -9)],
  ['that unfolds to 900 MB', inflated],
];
