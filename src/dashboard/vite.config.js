import { defineConfig } from 'vite';

/** The page is files beside each other, named by what is in them; nothing is put into the page itself, its policy forbids it. */
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
