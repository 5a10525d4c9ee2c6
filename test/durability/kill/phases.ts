/** What parent, child and hook agree upon. */

/** Where a process is with a record, as one byte. */
export const phases = { idle: 'i', writing: 'w', written: 'W', syncing: 's' } as const;

export type Phase = keyof typeof phases;

/** Ways to die that the hook knows. */
export const deaths = ['torn', 'written', 'syncing', 'synced', 'applied'] as const;

/** One of them. */
export type Death = (typeof deaths)[number];

export const hookVariables = { kill: 'VEDETTE_TEST_KILL', phase: 'VEDETTE_TEST_PHASE' } as const;

/** Ways to spoil the child; the harness must notice each. */
export type Sabotage = 'none' | 'no-sync' | 'early-acknowledgement' | 'no-intent' | 'no-key';

/** What a child is told, as JSON in its first argument. */
export interface ChildOrders {
  /** Data directory of the engine. */
  readonly dir: string;
  /** File of remedies that were carried out, one line each: appended and synced. */
  readonly effects: string;
  readonly server: string;
  /** How the handler is: `careful` is not idempotent. */
  readonly handler: 'idempotent' | 'careful';
  readonly sabotage: Sabotage;
  readonly seed: number;
  /** Flag and drain until killed, or only drain until nothing is left. */
  readonly work: 'endless' | 'finish';
}

/** Contents that exist: three of four are malicious. */
export const contents = 400;

export function contentNumber(n: number): string {
  return `content number ${n}`;
}

export function isMalicious(n: number): boolean {
  return n % 4 !== 0;
}
