/** Results into a report, to the end or to the moment when the command is stopped. */
import { VedetteError } from '../base/errors.js';
import type { CheckResult } from '../base/check-result.js';
import type { Io } from './io.js';
import type { Report } from './output/report.js';

/** Takes every result. A stop ends it early without an error: the report says so. */
export async function checkInto(report: Report, results: AsyncIterable<CheckResult>, io: Io): Promise<void> {
  try {
    for await (const result of results) {
      const taken = report.take(result);
      if (taken !== undefined) {
        await taken;
      }
      if (io.signal.aborted) {
        return;
      }
    }
  } catch (error) {
    const stopped = io.signal.aborted && VedetteError.is(error) && error.code === 'aborted';
    if (!stopped) {
      throw error;
    }
  }
}
