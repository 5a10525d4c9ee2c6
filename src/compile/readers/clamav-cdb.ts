/**
 * ClamAV's signatures on container metadata (docs.clamav.net, "Signatures based on container metadata"):
 * `name:containerType:containerSize:fileName:sizeInContainer:size:isEncrypted:position:res1:res2[:minLevel[:maxLevel]]`.
 * They are about files within archives, which are not unpacked yet: a line is checked, and reported as needing that.
 */
import type { LineResult } from '../lines.js';
import { isBlank, readLines } from '../lines.js';
import { byteText } from './byte-text.js';
import { levelFault } from './clamav-level.js';
import { isFileType } from './logical/file-types.js';
import type { Reader, ReaderContext } from './reader.js';
import { nothingRead } from './reader.js';

const range = /^(?:\*|\d{1,15}(?:-\d{1,15})?)$/;

/** What each field after the name has to look like, in their order. */
const forms: readonly (readonly [string, RegExp])[] = [
  ['container type', /^(?:\*|CL_TYPE_.*)$/s],
  ['container size', range],
  ['file name', /./s],
  ['size in the container', range],
  ['size', range],
  ['encryption', /^[01*]$/],
  ['position', range],
];

const minFields = 10;
const maxFields = 12;

/** Reads .cdb: nothing of it can be used, every line is reported. */
export const readCdb: Reader = (text, context) => {
  const { items: _, ...account } = readLines<never>(text, (line): LineResult<never> => {
    if (isBlank(line)) {
      return { kind: 'blank' };
    }
    const fields = line.split(':', maxFields + 1);
    const reason = lineFault(fields, context) ?? 'needs-unpacking: the signature is for files in containers';
    return { kind: 'skipped', reason, signature: fields[0] === '' ? undefined : fields[0] };
  });
  return { ...nothingRead, ...account };
};

function lineFault(fields: readonly string[], context: ReaderContext): string | undefined {
  if (fields.length < minFields || fields.length > maxFields) {
    return 'expected ten fields, and two functionality levels at most';
  }
  if (fields[0] === '') {
    return 'the name is empty';
  }
  if (fields[1]?.startsWith('CL_') === true && !isFileType(fields[1])) {
    return 'the container type is not known';
  }
  const wrong = forms.find(([, form], i) => !form.test(fields[i + 1] ?? ''));
  if (wrong !== undefined) {
    return `the ${wrong[0]} is not of its form`;
  }
  const fileName = fields[3] ?? '*';
  return levelFault(fields[10], fields[11]) ?? (fileName === '*' ? undefined : context.regexFault(byteText(fileName), ''));
}
