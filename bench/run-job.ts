/** Runs a job in a process of its own, for a limited time. */
import { fork } from 'node:child_process';
import type { Job, JobOutcome } from './job.js';

/** `script` is the bundled child.ts. Never rejects: a process that dies or hangs is a failed job. */
export function runJob(script: string, job: Job): Promise<JobOutcome> {
  return new Promise((resolve) => {
    const child = fork(script, [], {
      execArgv: ['--expose-gc'],
      serialization: 'advanced',
      // What a host's part prints does not belong between the tables.
      stdio: ['ignore', 2, 2, 'ipc'],
    });
    const limit = setTimeout(() => end({ kind: 'failed', reason: `ended after ${job.plan.limitMs / 1_000} s` }), job.plan.limitMs);
    const end = (outcome: JobOutcome): void => {
      clearTimeout(limit);
      child.kill('SIGKILL');
      resolve(outcome);
    };
    child.once('message', (outcome) => end(outcome as JobOutcome));
    child.once('error', (error) => end({ kind: 'failed', reason: error.message }));
    child.once('exit', (code, signal) => end({ kind: 'failed', reason: `its process ended with ${signal ?? `code ${code}`}` }));
    child.send(job);
  });
}
