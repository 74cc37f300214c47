/** The page as files that any file server gives, at any address. */
import { fileURLToPath } from 'node:url';
import { defaultClientConditions, defineConfig } from 'vite';
import { chartsPlugin } from './build/chartsPlugin.ts';
import { livePagePlugin } from './build/livePagePlugin.ts';

const inBrowser = (name: string) => fileURLToPath(new URL(`node/${name}`, import.meta.url));

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [chartsPlugin(), livePagePlugin()],
  resolve: {
    // The scenarios import the package by its name.
    conditions: ['xstate-raft-source', ...defaultClientConditions],
    // What the runtime takes from Node by name.
    alias: [
      { find: 'node:buffer', replacement: 'buffer/index.js' },
      { find: 'node:perf_hooks', replacement: inBrowser('perfHooks.ts') },
      { find: /^.*\/timelineFile\.ts$/, replacement: inBrowser('timelineFile.ts') },
    ],
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
