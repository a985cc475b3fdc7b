import { defineConfig, type ViteUserConfig } from 'vitest/config';

const config: ViteUserConfig = defineConfig({ test: { include: ['test/**/*.test.mjs'], testTimeout: 60_000 } });
export default config;
