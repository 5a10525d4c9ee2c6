/** What the system says of a file, as an error that names it. */
import { VedetteError } from '../../base/errors.js';
import { errnoOf } from '../files/durable-files.js';

/** `config-invalid` for a file that the caller named and that cannot be read. */
export function fileFault(file: string, error: unknown): VedetteError {
  const code = typeof errnoOf(error) === 'string' ? String(errnoOf(error)) : 'unknown';
  return new VedetteError('config-invalid', `${file}: cannot be read (${code})`, { cause: error, detail: { what: 'file', code } });
}
