/**
 * PCRE2 itself as an oracle, for tests that run only where Python and the library are installed (clamscan brings the
 * library, and is linked to it). One process answers all questions of a test. Its shortcuts are off: those of 10.42
 * miss matches, of \R before \s for instance, of a look-ahead for the only byte of its kind, and of a group that
 * refers to itself.
 */
import { spawnSync } from 'node:child_process';

/** One expression and the subjects to search; all texts are latin1. */
export interface OracleQuestion {
  readonly source: string;
  /** Letters of `ExpressionFlags`. */
  readonly flags: string;
  readonly subjects: readonly string[];
  readonly from: number;
}

/** Of each subject [start, end], null for no match, or a number where PCRE gave up; `refused` where it does not compile. */
export type OracleAnswer =
  | { readonly kind: 'refused'; readonly reason: string }
  | { readonly kind: 'searched'; readonly results: readonly (readonly [number, number] | number | null)[] };

const script = `
import ctypes, json, sys
lib = ctypes.CDLL('libpcre2-8.so.0')
pointer, size, number = ctypes.c_void_p, ctypes.c_size_t, ctypes.c_uint32
lib.pcre2_compile_8.restype = pointer
lib.pcre2_compile_8.argtypes = [ctypes.c_char_p, size, number, ctypes.POINTER(ctypes.c_int), ctypes.POINTER(size), pointer]
lib.pcre2_match_data_create_8.restype = pointer
lib.pcre2_match_data_create_8.argtypes = [number, pointer]
lib.pcre2_match_8.argtypes = [pointer, ctypes.c_char_p, size, size, number, pointer, pointer]
lib.pcre2_get_ovector_pointer_8.restype = ctypes.POINTER(size)
lib.pcre2_get_ovector_pointer_8.argtypes = [pointer]
lib.pcre2_code_free_8.argtypes = [pointer]
options = {'i': 8, 's': 0x20, 'm': 0x400, 'x': 0x80, 'A': 0x80000000, 'E': 0x10, 'U': 0x40000}
shortcuts_off = 0x10000 | 0x4000
data = lib.pcre2_match_data_create_8(1, None)
span = lib.pcre2_get_ovector_pointer_8(data)
for line in sys.stdin:
    question = json.loads(line)
    source = question['source'].encode('latin1')
    error, offset = ctypes.c_int(), size()
    code = lib.pcre2_compile_8(source, len(source), shortcuts_off | sum(options[letter] for letter in question['flags']), error, offset, None)
    if not code:
        print(json.dumps({'kind': 'refused', 'reason': str(error.value)}))
        continue
    results = []
    for text in question['subjects']:
        subject = text.encode('latin1')
        found = lib.pcre2_match_8(code, subject, len(subject), question['from'], 0, data, None)
        results.append(None if found == -1 else [span[0], span[1]] if found >= 0 else found)
    lib.pcre2_code_free_8(code)
    print(json.dumps({'kind': 'searched', 'results': results}))
`;

/** True where the oracle can be asked. */
export function hasPcreOracle(): boolean {
  return spawnSync('python3', ['-c', script], { input: '', timeout: 30_000 }).status === 0;
}

/** One answer for each question. */
export function askPcre(questions: readonly OracleQuestion[]): OracleAnswer[] {
  const input = questions.map((question) => `${JSON.stringify(question)}\n`).join('');
  const run = spawnSync('python3', ['-c', script], { input, encoding: 'utf8', maxBuffer: 2 ** 28 });
  return run.stdout.trim().split('\n').map((line) => JSON.parse(line) as OracleAnswer);
}
