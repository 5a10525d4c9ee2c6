/**
 * The EICAR test file, put together when it is asked for: scanners take any file that contains it in one piece for a
 * find, sources and packages included. https://www.eicar.org/download-anti-malware-testfile/
 */
import { fromLatin1 } from '../base/bytes.js';

/** The 68 bytes of the EICAR test file. Keep them in memory: on disk a resident scanner removes them. */
export function eicar(): Uint8Array {
  const reversed = ['*H+H$!ELIF', '-TSET-SURIVITNA', '-DRADNATS-', 'RACIE$', '}7)CC7)^P(45XZP', '\\4[PA@%P!O5X'];
  const characters = [...reversed.join('')].reverse();
  return fromLatin1(characters.join(''));
}

/** Its name in signature sources and results. */
export const eicarThreatName = 'Eicar-Test-Signature';
