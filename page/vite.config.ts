/** The page as files that any file server gives, at any address. */
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vite';
import { chartsPlugin } from './build/chartsPlugin.ts';
import { livePagePlugin } from './build/livePagePlugin.ts';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [chartsPlugin(), livePagePlugin()],
  resolve: {
    // What the runtime takes from Node by name.
    alias: {
      'node:buffer': 'buffer/index.js',
      'node:perf_hooks': fileURLToPath(new URL('node/perfHooks.ts', import.meta.url)),
    },
  },
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    chunkSizeWarningLimit: 2000,
    // The layout of the charts takes longest, as it should.
    rolldownOptions: { checks: { pluginTimings: false } },
  },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
});
