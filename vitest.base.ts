import { defineConfig, type ViteUserConfig } from 'vitest/config';
const config: ViteUserConfig = defineConfig({
  resolve: { conditions: ['@cairn/source'] },
  ssr: { resolve: { conditions: ['@cairn/source'] } },
  test: { include: ['src/**/*.test.ts', 'test/**/*.test.ts'], environment: 'node', testTimeout: 60_000 },
});
export default config;
