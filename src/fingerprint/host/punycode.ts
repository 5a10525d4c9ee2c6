/** The Punycode encoder of RFC 3492: what a label with letters outside ASCII is written as in the DNS. */

const base = 36;
const tMin = 1;
const tMax = 26;
const skew = 38;
const damp = 700;
const initialBias = 72;
const initialN = 128;

/** The encoded form of a label, without `xn--` (RFC 3492 section 6.3). Quadratic in the code points: bound them first. */
export function encodePunycode(codePoints: readonly number[]): string {
  const basic = codePoints.filter((point) => point < initialN);
  let output = basic.length === 0 ? '' : `${String.fromCharCode(...basic)}-`;
  let n = initialN;
  let delta = 0;
  let bias = initialBias;
  let handled = basic.length;
  while (handled < codePoints.length) {
    const next = smallestFrom(codePoints, n);
    delta += (next - n) * (handled + 1);
    n = next;
    for (const point of codePoints) {
      if (point < n) {
        delta++;
      }
      if (point === n) {
        output += variableLength(delta, bias);
        bias = adapt(delta, handled + 1, handled === basic.length);
        delta = 0;
        handled++;
      }
    }
    delta++;
    n++;
  }
  return output;
}

function smallestFrom(codePoints: readonly number[], least: number): number {
  let smallest = Number.MAX_SAFE_INTEGER;
  for (const point of codePoints) {
    if (point >= least && point < smallest) {
      smallest = point;
    }
  }
  return smallest;
}

/** A generalized variable-length integer (section 3.3). */
function variableLength(delta: number, bias: number): string {
  let digits = '';
  let rest = delta;
  for (let k = base; ; k += base) {
    const threshold = k <= bias ? tMin : k >= bias + tMax ? tMax : k - bias;
    if (rest < threshold) {
      return digits + digit(rest);
    }
    digits += digit(threshold + ((rest - threshold) % (base - threshold)));
    rest = Math.floor((rest - threshold) / (base - threshold));
  }
}

/** Bias adaptation (section 6.1). */
function adapt(delta: number, points: number, first: boolean): number {
  let rest = first ? Math.floor(delta / damp) : delta >> 1;
  rest += Math.floor(rest / points);
  let k = 0;
  while (rest > ((base - tMin) * tMax) >> 1) {
    rest = Math.floor(rest / (base - tMin));
    k += base;
  }
  return k + Math.floor(((base - tMin + 1) * rest) / (rest + skew));
}

function digit(value: number): string {
  return String.fromCharCode(value < 26 ? 0x61 + value : 0x30 + value - 26);
}
