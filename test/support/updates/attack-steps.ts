/** What attacks by metadata have in common: generation 2 with something different about it, or an attack after it. */
import type { Mischief, Signed } from './repository.js';
import { containersOf, publishGeneration, type Scene } from './scene.js';

/** Generation 2 with something different about it. */
export async function second({ repository }: Scene, mischief: Mischief = {}): Promise<void> {
  for (const [component, bytes] of Object.entries(await containersOf(2))) {
    repository.components.set(component, { generation: 2, bytes });
  }
  repository.publish(mischief);
}

/** Generation 2 is taken first; then the attack begins. Resolves to the files before. */
export async function afterSecond(scene: Scene): Promise<Map<string, Buffer>> {
  const before = new Map(scene.repository.files);
  await publishGeneration(scene.repository, 2);
  await scene.look();
  return before;
}

/** Generation 2, and what is signed in the name of a role is another. */
export function edited(role: string, edit: (signed: Signed) => Signed | void): (scene: Scene) => Promise<void> {
  return (scene) => second(scene, { edit: { [role]: edit } });
}

/** Generation 2, and the text of a role is another than the one that was signed. */
export function rewritten(role: string, text: (text: string) => string): (scene: Scene) => Promise<void> {
  return (scene) => second(scene, { text: { [role]: text } });
}

/** What a snapshot or a timestamp says of other files. */
export function meta(signed: Signed): Record<string, Signed> {
  return signed['meta'] as Record<string, Signed>;
}
