import { defineConfig } from 'vitest/config';

const setupFiles = ['test/setup.ts'];
const common = { environment: 'node', testTimeout: 30_000, hookTimeout: 60_000 } as const;

export default defineConfig({
  test: {
    projects: [
      { test: { ...common, setupFiles, name: 'unit', include: ['test/**/*.test.ts'], exclude: ['test/e2e/**', 'test/runtimes/**', '**/node_modules/**'] } },
      { test: { ...common, setupFiles, name: 'e2e', include: ['test/e2e/**/*.test.ts'], testTimeout: 120_000, hookTimeout: 240_000, fileParallelism: false } },
    ],
  },
});
