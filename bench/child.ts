/** Entry of the process that runs one definition: each has a heap of its own, and code that was compiled for it alone. */
import { benches } from './definitions/index.js';
import { loadHostEngines } from './host-engine.js';
import type { Job, JobOutcome } from './job.js';

process.once('message', (job) => {
  void runJob(job as Job).then((outcome) => {
    // Whatever a host's part left running does not keep the process.
    process.send?.(outcome, () => process.exit(0));
  });
});

async function runJob(job: Job): Promise<JobOutcome> {
  try {
    const bench = benches.find(({ name }) => name === job.definition);
    if (bench === undefined) {
      return { kind: 'failed', reason: 'no such definition' };
    }
    const hosts = await loadHostEngines(job.hostFiles);
    return { kind: 'done', result: await bench.run({ hosts, context: job, plan: job.plan }) };
  } catch (error) {
    return { kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}
