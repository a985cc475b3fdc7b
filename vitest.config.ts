import { defineConfig, type ViteUserConfig } from 'vitest/config';

// All packages, applications and tools in one run. One project alone: `npx vitest run` in its folder.
const config: ViteUserConfig = defineConfig({
  test: { projects: ['packages/*', 'apps/*', 'tools'], maxWorkers: 2 },
});
export default config;
