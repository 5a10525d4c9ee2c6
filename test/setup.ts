/**
 * The seed of every property: an ordinary run plays the same cases each time, so that a red build is the fault of its commit.
 * `FUZZ_SEED=n` plays others, and a long run (`FUZZ_RUNS`) without a seed new ones each time; what fails names its seed.
 */
import fc from 'fast-check';

const seed = process.env['FUZZ_SEED'] ?? (process.env['FUZZ_RUNS'] === undefined ? '20261122' : undefined);
if (seed !== undefined) {
  fc.configureGlobal({ seed: Number(seed) });
}
