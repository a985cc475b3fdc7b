import { defineConfig, type ViteUserConfig } from 'vitest/config';

/** A test that hangs is cut off; one that is merely slow on a busy machine is not. */
const HANGS_MS = 120_000;

const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['@cairn/source'] },
  ssr: { resolve: { conditions: ['@cairn/source'] } },
  test: {
    include: ['src/**/*.test.ts', 'test/**/*.test.ts'],
    environment: 'node',
    testTimeout: HANGS_MS,
    hookTimeout: HANGS_MS,
  },
});
export default config;
