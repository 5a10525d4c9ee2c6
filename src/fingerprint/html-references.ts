/** Character references of HTML, as far as they can hide a URL: all numeric ones, and the names of characters in URLs. */

/** Names of ASCII characters that URLs are made of (HTML standard, "Named character references"). */
const named: Readonly<Record<string, string>> = {
  amp: '&', AMP: '&', lt: '<', LT: '<', gt: '>', GT: '>', quot: '"', QUOT: '"', apos: "'", colon: ':', sol: '/', bsol: '\\', period: '.', num: '#',
  quest: '?', equals: '=', commat: '@', percnt: '%', lowbar: '_', UnderBar: '_', semi: ';', comma: ',', excl: '!', ast: '*', plus: '+', dollar: '$',
  lpar: '(', rpar: ')', lsqb: '[', lbrack: '[', rsqb: ']', rbrack: ']', Tab: '\t', NewLine: '\n', nbsp: '\u00a0', shy: '\u00ad',
};

/** The semicolon may be missing behind a number and behind the names that HTML has always had so. */
const reference = /&(?:#[xX]([0-9a-fA-F]+);?|#([0-9]+);?|(amp|AMP|lt|LT|gt|GT|quot|QUOT|nbsp|shy)(?![0-9A-Za-z=]);?|([A-Za-z]{2,8});)/g;

/** The text with its references read once, as a browser does. Unknown ones stay. */
export function decodeReferences(html: string): string {
  return html.replace(reference, (whole, hex?: string, decimal?: string, old?: string, name?: string) => {
    if (hex !== undefined || decimal !== undefined) {
      return fromCode(hex === undefined ? Number.parseInt(decimal!, 10) : Number.parseInt(hex, 16));
    }
    const key = old ?? name ?? '';
    return Object.hasOwn(named, key) ? named[key]! : whole;
  });
}

function fromCode(code: number): string {
  return code === 0 || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff) ? '\ufffd' : String.fromCodePoint(code);
}
