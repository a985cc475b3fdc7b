import { defineConfig, type ViteUserConfig } from 'vitest/config';

// All packages, applications and tools in one run: `npm run check`. One project alone: `npx vitest run` in its folder.
const config: ViteUserConfig = defineConfig({
  test: {
    projects: ['packages/*', 'apps/*', { test: { name: 'tools', include: ['tools/test/**/*.test.mjs'] } }],
    maxWorkers: 2,
  },
});
export default config;
