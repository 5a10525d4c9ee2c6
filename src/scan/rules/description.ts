/** Whether a logical signature is for a content at all: its TargetDescriptionBlock. */
import type { NumberRange, TargetDescription } from '../../pattern/signature.js';
import type { ExecutableFacts } from '../content/executable.js';

/** What a description asks about. */
export interface DescribedContent {
  /** Bytes of the file, whichever view of it is searched. */
  readonly fileSize: number;
  readonly executable: ExecutableFacts | 'broken' | undefined;
}

/** True when sizes and headers are as described; the target type is asked about before. */
export function isDescribed(description: TargetDescription, { fileSize, executable }: DescribedContent): boolean {
  const { entryPoint, numberOfSections } = description;
  if (!isWithin(fileSize, description.fileSize)) {
    return false;
  }
  if (entryPoint === undefined && numberOfSections === undefined) {
    return true;
  }
  if (executable === undefined || executable === 'broken') {
    return false;
  }
  return isWithin(executable.entryPoint, entryPoint) && isWithin(executable.sections.length, numberOfSections);
}

function isWithin(value: number, range: NumberRange | undefined): boolean {
  return range === undefined || (value >= range.min && (range.max === undefined || value <= range.max));
}
