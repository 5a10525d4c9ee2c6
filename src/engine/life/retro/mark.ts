/** By which patterns a hunt was made, as a text that is kept: another text, another hunt. */
import type { EngineCore } from '../../family/core.js';

/** The mark of the patterns in use; undefined while they could not be had: nothing is hunted by half of them. */
export function huntMark(core: Pick<EngineCore, 'patterns' | 'newestGeneration'>): string | undefined {
  if (core.patterns.isIncomplete()) {
    return undefined;
  }
  const newest = core.newestGeneration();
  const { generations, filter } = core.patterns.view(newest);
  const { agent, lists } = generations;
  // A filter says by itself what it covers. Without one, everything is asked, of servers of the newest generation.
  const asked = filter === undefined ? ['server', newest ?? 0] : ['filter', filter.generation, filter.covers];
  return JSON.stringify([agent ?? 0, lists ?? 0, ...asked]);
}

/** Whether the agent pattern of one mark is another than that of the other. */
export function isNewAgent(before: string | undefined, now: string): boolean {
  return agentOf(before) !== agentOf(now);
}

function agentOf(mark: string | undefined): string | undefined {
  return mark === undefined ? undefined : /^\[(\d+),/.exec(mark)?.[1];
}
