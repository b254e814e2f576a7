/**
 * Bundles the extension into one file.
 *
 * In: src/extension.ts. Out: dist/extension.js. Not here: the package (`scripts/package.mjs`).
 */

import { build } from "esbuild";

await build({
  entryPoints: ["src/extension.ts"],
  outfile: "dist/extension.js",
  bundle: true,
  minify: true,
  platform: "node",
  format: "cjs",
  target: "node20",
  external: ["vscode"],
  mainFields: ["module", "main"],
  logLevel: "warning",
});
