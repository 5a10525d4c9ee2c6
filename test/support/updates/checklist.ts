/**
 * The cases that the tests of other TUF clients name, and under which names they are tried here. Cases in which something
 * has to succeed are in test/e2e/update-cases.test.ts.
 */
const steps = ['timestamp', 'snapshot', 'targets', 'component'];

export const checklist: readonly (readonly [name: string, attacks: readonly string[]])[] = [
  ['timestamp_rollback', ['timestamp rollback: the old timestamp is played back', 'timestamp rollback: a new timestamp of a version before']],
  ['snapshot_rollback', ['snapshot rollback: a new timestamp names an old snapshot']],
  ['targets_rollback', ['targets rollback: a new snapshot names an old version of it', 'filter rollback: a new snapshot names an old version of it']],
  ['targets_role_removal', ['removal: the snapshot does not know targets any more', 'removal: the snapshot does not know filter any more']],
  ['root_expired', ['freeze: the newest root has expired']],
  ['timestamp_expired', ['freeze: timestamp has expired']],
  ['snapshot_expired', ['freeze: snapshot has expired']],
  ['targets_expired', ['freeze: targets has expired', 'freeze: filter has expired']],
  ['unsigned_metadata', ['timestamp', 'snapshot', 'targets', 'filter', 'a new root'].map((role) => `no signatures at all on ${role}`)],
  ['url_and_metadata_version_mismatch', [...['snapshot', 'targets', 'filter'].map((role) => `mix-and-match: ${role} has another version than its name`), 'a root that skips a version']],
  ['snapshot_hash_mismatch', ['mix-and-match: snapshot is another one than was signed for, of the same length']],
  ['targets_hash_mismatch', ['targets', 'filter'].map((role) => `mix-and-match: ${role} is another one than was signed for, of the same length`)],
  ['metadata_bytes_match', ['mix-and-match: the bytes count, not what they say (white space in the snapshot)']],
  ['incorrect_metadata_type', ['type confusion: timestamp says that it is snapshot', 'type confusion: snapshot says that it is targets', 'type confusion: targets says that it is root', 'type confusion: filter says that it is timestamp', 'type confusion: the next root says that it is targets']],
  // 404 for the next root is how a repository says that there is none.
  ['404_for_each_role', [...steps.map((step) => `404 for ${step}`), '404 for the target', '500 for root']],
  ['duplicate_keys', ['duplicate keys: a role names one key twice', 'duplicate keys: one key under two names reaches the threshold', 'duplicate keys: one key in hex and in PEM reaches the threshold']],
  ['duplicate_sig_keyids', ['duplicate signatures: one key signs twice where two are asked for']],
  ['snapshot_has_too_few_keys', ['too few signatures: one of two on snapshot']],
  ['too_few_signatures', [...['timestamp', 'targets'].map((role) => `too few signatures: one of two on ${role}`), 'too few signatures: one of two on a new root']],
  ['wrong_key', ['timestamp', 'snapshot', 'targets', 'filter'].map((role) => `wrong key: ${role} is signed by a key that nobody trusts`)],
  ['revoked_key', ['timestamp', 'snapshot', 'targets', 'component'].map((role) => `revoked key: the ${role} key of before signs after it was replaced`)],
  ['repository_substitutes_target_file', ['substituted file: one bit of the target is another', 'substituted file: one of the same length']],
  ['fast_forward', [0, -1, 1.5, 2 ** 53, '1e400'].map((version) => `fast-forward: a timestamp of version ${version}`)],
  ['endless_data', ['timestamp', 'root', 'snapshot', 'targets', 'component', 'file'].map((step) => `endless data: ${step} never ends`)],
  ['type_confusion', ['type confusion: a filter in the place of the agent pattern', 'type confusion: agent pattern and filter have changed places']],
];
