// SPDX-License-Identifier: Apache-2.0
// Three files with fixed names: the agent carries them in its program (docs/adr/0042-page.md).
import { defineConfig } from "vite";

export default defineConfig({
  base: "/ui/",
  esbuild: { jsx: "automatic", jsxImportSource: "preact", legalComments: "none" },
  build: {
    target: "es2022",
    modulePreload: false,
    rollupOptions: {
      output: {
        entryFileNames: "assets/page.js",
        assetFileNames: "assets/page[extname]",
      },
    },
  },
  server: { proxy: { "/v1": "http://127.0.0.1:4646" } },
});
