/**
 * Target types of ClamAV signatures (docs.clamav.net, "ClamAV File Types"): which kind of file a signature is for.
 * Only `any file` can be kept without knowing types: a signature for scripts that runs over programs is another one.
 */

const targets: Readonly<Record<string, string>> = {
  1: 'PE',
  2: 'OLE2',
  3: 'HTML',
  4: 'mail',
  5: 'graphics',
  6: 'ELF',
  7: 'ASCII text',
  9: 'Mach-O',
  10: 'PDF',
  11: 'Flash',
  12: 'Java',
  13: 'internal',
};

/** Why signatures for this target are not loaded; undefined for target 0. */
export function targetFault(field: string): string | undefined {
  if (!/^\d{1,3}$/.test(field)) {
    return 'the target type is no number';
  }
  const target = Number(field);
  if (target === 0) {
    return undefined;
  }
  const name = targets[target];
  return name === undefined ? `target type ${target} is not known` : `target type ${target} (${name}) needs file typing, which is not supported yet`;
}
