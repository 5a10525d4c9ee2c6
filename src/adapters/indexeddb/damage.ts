/** Records that cannot be read: passed over, told once, never removed. */

/** A record that is no record of ours: damaged, or written by somebody else. */
export interface StoreDamage {
  /** Name of the object store. */
  readonly store: string;
  /** Key of the record, as JSON. */
  readonly key: string;
  /**
   * `skipped`: it is passed over and stays where it is. `rebuilt`: what it said is said by other records too and was
   * put together again from these.
   */
  readonly became: 'skipped' | 'rebuilt';
}

/** Tells of each record once, as long as it remembers. */
export type DamageReporter = (damage: StoreDamage) => void;

/** Damages that are remembered so as not to be told again. */
const maxRemembered = 10_000;

/** A reporter for the life of one opening. A listener that throws is nobody's business here. */
export function createDamageReporter(listener: ((damage: StoreDamage) => void) | undefined): DamageReporter {
  const told = new Set<string>();
  return (damage) => {
    const which = `${damage.store} ${damage.became} ${damage.key}`;
    if (listener === undefined || told.has(which)) {
      return;
    }
    if (told.size < maxRemembered) {
      told.add(which);
    }
    try {
      listener(damage);
    } catch {
      // What was found is not changed by who could not bear to hear of it.
    }
  };
}
