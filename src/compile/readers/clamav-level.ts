/**
 * Functionality levels, by which ClamAV signatures say which engines they are for
 * (docs.clamav.net, "Versions & Functionality Levels"). Signatures for other engines are not loaded.
 */

/** The level of ClamAV 1.4.6, as its own messages name it: the release whose answers the readers are tested against. */
export const functionalityLevel = 216;

/** Why a signature with these level fields is not for us; undefined when it is. Absent or empty fields set no bound. */
export function levelFault(min: string | undefined, max: string | undefined): string | undefined {
  if (![min, max].every((field) => field === undefined || /^\d{0,9}$/.test(field))) {
    return 'a functionality level is no number';
  }
  if (min !== undefined && min !== '' && Number(min) > functionalityLevel) {
    return `for engines of functionality level ${min} and newer`;
  }
  if (max !== undefined && max !== '' && Number(max) < functionalityLevel) {
    return `for engines up to functionality level ${max}`;
  }
  return undefined;
}
