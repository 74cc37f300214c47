/** The page as files that any file server gives, at any address. */
import { defineConfig } from 'vite';
import { chartsPlugin } from './build/chartsPlugin.ts';

export default defineConfig({
  root: import.meta.dirname,
  base: './',
  plugins: [chartsPlugin()],
  build: {
    outDir: '../dist/page',
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: false,
    chunkSizeWarningLimit: 2000,
  },
  server: { host: '127.0.0.1' },
  preview: { host: '127.0.0.1' },
});
