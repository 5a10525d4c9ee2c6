/** Where bodies may begin in a content whose facts are known (docs.clamav.net, "Extended signature format"). */
import type { SignatureOffset } from '../../pattern/signature.js';
import type { Placement } from '../body-search.js';
import type { ExecutableFacts } from '../content/executable.js';

/** What placing needs to know. */
export interface PlacedContent {
  /** Bytes of the view that is searched. */
  readonly size: number;
  /** `broken`: an executable by its type whose headers lead nowhere; undefined: no executable. */
  readonly executable: ExecutableFacts | 'broken' | undefined;
}

/** Where a body of this offset may begin: closed ranges, not clipped to the content. */
export function placementsOf(offset: SignatureOffset, { size, executable }: PlacedContent): readonly Placement[] {
  switch (offset.kind) {
    case 'any':
      return [{ lo: 0, hi: size }];
    case 'start':
      return from(offset.at, offset.shift);
    case 'end':
      // In an executable with broken headers clamscan resolves no relative offset at all, this one included.
      return executable === 'broken' ? [] : from(size - offset.before, offset.shift);
    default:
      return executable === undefined || executable === 'broken' ? [] : inExecutable(offset, executable);
  }
}

type ExecutableOffset = Extract<SignatureOffset, { kind: 'entry-point' | 'section' | 'in-section' | 'version-information' }>;

function inExecutable(offset: ExecutableOffset, facts: ExecutableFacts): readonly Placement[] {
  switch (offset.kind) {
    case 'entry-point':
      return from(facts.entryPoint + offset.by, offset.shift);
    case 'section': {
      const section = facts.sections[offset.section === 'last' ? facts.sections.length - 1 : offset.section];
      return section === undefined ? [] : from(section.rawOffset + offset.by, offset.shift);
    }
    case 'in-section': {
      const section = facts.sections[offset.section];
      return section === undefined ? [] : [{ lo: section.rawOffset, hi: section.rawOffset + section.rawSize }];
    }
    case 'version-information':
      return facts.versionInfo.map((at) => ({ lo: at, hi: at }));
  }
}

/** A body placed before the beginning is nowhere, even if its shift would bring it in (clamscan too). */
function from(lo: number, shift: number): readonly Placement[] {
  return lo < 0 ? [] : [{ lo, hi: lo + shift }];
}
