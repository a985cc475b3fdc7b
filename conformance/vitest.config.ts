import { defineConfig, type ViteUserConfig } from 'vitest/config';

// These tests run the built packages, as a user does: no source condition.
const config: ViteUserConfig = defineConfig({
  test: { include: ['test/**/*.test.ts'], environment: 'node', testTimeout: 300_000, maxWorkers: 2 },
});
export default config;
