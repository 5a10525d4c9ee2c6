/** What is put down of something that was not taken: by whom, of what, under which name. Pure. */
import { describeError, VedetteError } from '../../../base/errors.js';
import type { ComponentKind } from '../../../pattern/container-format.js';
import { updateComponents } from '../../../update/subscription.js';
import { detailOf } from '../fetch/transfer-error.js';
import type { UpdateRefusal } from '../updater.js';

/** The entry of a report for an error. */
export function refusalOf(source: string, error: unknown, component?: ComponentKind): UpdateRefusal {
  const cause = detailOf(error, 'cause');
  const waitMs = detailOf(error, 'waitMs');
  return {
    source,
    ...(component === undefined ? {} : { component }),
    cause: typeof cause === 'string' ? cause : VedetteError.is(error) ? error.code : 'internal',
    message: describeError(error),
    ...(typeof waitMs === 'number' ? { waitMs } : {}),
  };
}

/** That a relay knows less than this host is no attack and no fault: it looks for itself, when it is due. */
export function behindOf(source: string): UpdateRefusal {
  return { source, cause: 'behind', message: `the relay ${source} is behind: its metadata are older than those of this host` };
}

/** The component that a refusal is about, where it says so. */
export function blamedKind(error: unknown): ComponentKind | undefined {
  return updateComponents.find((component) => component === detailOf(error, 'kind'));
}
