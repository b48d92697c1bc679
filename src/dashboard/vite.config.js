import { defineConfig } from 'vite';

/** The page is files in one folder, each with a hash of its content in its name. Its policy forbids code within the page. */
export default defineConfig({
  base: './',
  build: {
    outDir: '../../dist/dashboard',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    reportCompressedSize: false,
    target: 'es2023',
    // The licences of the bundled packages have to come with every copy.
    license: { fileName: 'licences.txt' },
  },
});
