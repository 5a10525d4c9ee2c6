/**
 * The inert samples that this feed knows, by who knows them: plain texts, harmless in every way, that only ever match
 * because the feed says so. The quickstart plants them; their hashes stand in the sources beside this file.
 */

/** Holds a marker that the byte signatures of `markers.ndb` look for: found without asking anybody. */
export const localSample = 'Harmless file of the vedette quickstart.\nvedette-demo-marker: alpha 0017\nNothing else in here.\n';

/** Holds the same marker, but `approved.sfp` has its hash: whoever wrote the feed has looked at it. */
export const approvedSample = 'Harmless file of the vedette quickstart, known and approved.\nvedette-demo-marker: alpha 0042\n';

/** Listed by SHA-256 in `samples.hsb`: nothing in it looks bad, only the server knows. */
export const remoteSample = 'Harmless file of the vedette quickstart. Only the server knows this content.\n';

/** Listed by MD5 and size in `samples.hdb`: turns up while the server is away. */
export const lateSample = 'Harmless file of the vedette quickstart. It arrives while no server answers.\n';

/** Listed in nothing. */
export const cleanSample = 'Harmless file of the vedette quickstart. Nobody lists this content.\n';

/** On the list `urls.txt`. */
export const badUrl = 'http://downloads.malware.example/tools/setup.exe?build=7';

/** On no list. */
export const goodUrl = 'https://www.example.com/index.html';

/** The EICAR test file, put together here: a resident scanner would take any file that holds it in one piece. */
export function eicar() {
  const reversed = ['*H+H$!ELIF', '-TSET-SURIVITNA', '-DRADNATS-', 'RACIE$', '}7)CC7)^P(45XZP', '\\4[PA@%P!O5X'];
  return Buffer.from([...reversed.join('')].reverse().join(''), 'latin1');
}
