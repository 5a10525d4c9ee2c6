/** Numbers as they are printed: three significant digits, units with a decimal prefix. */

/** 1234567 → `1.23 M`, 12345 → `12.3 k`, 0.01234 → `0.0123`. */
export function formatRate(value: number): string {
  if (value >= 999_500) {
    return `${threeDigits(value / 1e6)} M`;
  }
  return value >= 9_995 ? `${threeDigits(value / 1e3)} k` : threeDigits(value);
}

/** Times the baseline: 24.68 → `24.7`, 0.5 → `0.5`, 0.00123 → `1/813`. */
export function formatRatio(value: number): string {
  return value >= 0.1 || value === 0 ? threeDigits(value) : `1/${threeDigits(1 / value)}`;
}

/** 8388608 → `8.39 MB`. */
export function formatBytes(bytes: number): string {
  return bytes >= 1e6 ? `${threeDigits(bytes / 1e6)} MB` : bytes >= 1e3 ? `${threeDigits(bytes / 1e3)} kB` : `${threeDigits(bytes)} B`;
}

/** 0.4 → `< 1 ms`, 1234 → `1.23 s`. */
export function formatDuration(ms: number): string {
  return ms < 1 ? '< 1 ms' : ms < 999.5 ? `${Math.round(ms)} ms` : `${threeDigits(ms / 1e3)} s`;
}

/** 12.345 → `12.3`, 12345 → `12,345`, 0.01234 → `0.0123`. */
export function threeDigits(value: number): string {
  if (value >= 999.5) {
    return Math.round(value).toLocaleString('en');
  }
  return value === 0 ? '0' : String(Number(value.toPrecision(3)));
}
