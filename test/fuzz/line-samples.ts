/** Lines of every ClamAV format, every construct among them: what the fuzzer begins with. */
import type { SourceFormat } from '../../src/compile/detect.js';

const md5 = '5eb63bbbe01eeed093cb22bb8f5acdc3';
const sha1 = '2aae6c35c94fcfb415dbe95f408b9ce91ee846ed';
const body = '68656c6c6f';

const bodies = [
  body, `${body}??6?6f?a`, `${body}*${body}{3-9}${body}{-4}${body}{5-}${body}{200}${body}`, `${body}{3}(61|62|6364{2}|)65!(61|62)`, `61[1-9]${body}[2-32]62`,
  `(B)${body}(L)!(W)`, `(61(62|63)|64)${body}!(6162|6364)`, 'ffd8ffe000104a46494600',
];
const offsets = ['*', '0', '10,5', 'EOF-9', 'EOF-70,20', 'EP+0', 'EP-5,3', 'S0+4', 'S3+1,9', 'SL+1', 'SE1', 'VI'];
const modifiers = ['', '::', '::i', '::w', '::wa', '::f', '::iwfa'];
const descriptions = [
  'Target:0', 'Engine:81-255,Target:1', 'Engine:51-255,FileSize:10-9000,Target:6,EntryPoint:0-99,NumberOfSections:2-7', 'Engine:51-255,Target:0,Container:CL_TYPE_ANY,HandlerType:CL_TYPE_ZIP',
  'Engine:81-255,Target:0,Intermediates:CL_TYPE_ZIP>CL_TYPE_ANY', 'Engine:81-255,Target:1,IconGroup1:A,IconGroup2:B',
];
const expressions = ['0&1', '(0|1)', '0>2&1=0', '(0|1)>2,2', '((0|1)<9|1)=3,1', '0&(1|(0&1>3))'];
const specials = [
  '${6-7}12$', '0(>>8#hb4#=16)', '0(<<0x10#hle4#>1,<99)', '0(>>8#ib8#=0xffff)', '0/abc[^d]{2,5}(?=e)\\x3B/sig', '5,9:0>1/(?<n>a+)b\\k<n>$/em', 'fuzzy_img#af2ad01ed42993c7',
];

/** Pairs of a format and a line. */
export const lineSamples: readonly (readonly [SourceFormat, string])[] = [
  ...bodies.map((one) => ['ndb', `Win.Trojan.A-1:0:*:${one}`] as const),
  ...offsets.map((offset) => ['ndb', `Unix.Worm.B:6:${offset}:${body}:51:255`] as const),
  ['ndb', `Macro:0:$12:${body}`],
  // With modifiers, nothing may be negated.
  ...bodies.flatMap((one, i) =>
    modifiers.map((modifier) => ['ldb', `A.B;Engine:81-255,Target:1;0&1;${one.includes('[') ? '*' : offsets[i]!}:${modifier.length > 2 ? one.replaceAll('!', '') : one}${modifier};${body}`] as const),
  ),
  ...descriptions.flatMap((description, i) => specials.map((special) => ['ldb', `C.D;${description};${expressions[i]!};${body}::i;${special}`] as const)),
  ['hdb', `${md5}:11:Hash.A`],
  ['hsb', `${sha1}:*:Hash.B:73:255`],
  ['fp', `${md5}:11:Ok`],
  ['mdb', `512:${md5}:Section.A`],
  ['msb', `*:${md5}${md5}:Section.B:73`],
  ['imp', `${md5}:90:Import.A`],
  ['cdb', 'Zip.A:CL_TYPE_ZIP:*:(?i)[a-z]+\\.exe$:1-500:*:1:2:deadbeef:*:51:255'],
  ['ign2', `Win.Trojan.A-1:${md5}`],
  ['hashes', `"name","${sha1}",x\n${md5}  file`],
];
