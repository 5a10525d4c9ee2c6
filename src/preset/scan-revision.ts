/**
 * What scans, as a number: contents that were read by another revision are read again. To be raised with every change
 * of what byte signatures find, how contents are normalised, or how a scan cache is laid out; a release changes it too.
 */

/** The version of the package, and the revision within it. test/preset/scan-revision.test.ts compares the first part. */
export const scanRevision = '0.1.0-1';
