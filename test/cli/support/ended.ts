/** How a command line ended, wherever it ran. */
export interface Ended {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** Every line of machine output, parsed; what is no JSON makes the test fail here. */
export function records(ended: Pick<Ended, 'stdout'>): Record<string, unknown>[] {
  return ended.stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);
}
