/**
 * Makes the two packages of the extension: for the marketplace, and with the proposed API for those who grant it.
 *
 * In: dist/extension.js, package.json and what lies beside it. Out: dist/nextedit-VERSION.vsix and
 * dist/nextedit-VERSION-proposed.vsix. Not here: bundling (`esbuild.mjs`).
 *
 * The marketplace takes no extension that names a proposed API; in all else the two are one.
 */

import { cp, mkdir, readFile, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { createVSIX } from "@vscode/vsce";

const ROOT = join(dirname(fileURLToPath(import.meta.url)), "..");
const CONTENTS = ["README.md", "media", "dist/extension.js"];
const PROPOSALS = ["inlineCompletionsAdditions"];

const manifest = JSON.parse(await readFile(join(ROOT, "package.json"), "utf8"));
// What only the repository needs.
for (const name of ["scripts", "dependencies", "devDependencies"]) {
  delete manifest[name];
}

/** Makes one package. */
async function pack(suffix, additions) {
  const stage = join(ROOT, "dist", `stage${suffix}`);
  await rm(stage, { recursive: true, force: true });
  await mkdir(join(stage, "dist"), { recursive: true });
  for (const path of CONTENTS) {
    await cp(join(ROOT, path), join(stage, path), { recursive: true });
  }
  await cp(join(ROOT, "..", "LICENSE"), join(stage, "LICENSE"));
  await writeFile(join(stage, "package.json"), JSON.stringify({ ...manifest, ...additions, files: ["**/*"] }, null, 2));
  const packagePath = join(ROOT, "dist", `nextedit-${manifest.version}${suffix}.vsix`);
  await createVSIX({ cwd: stage, packagePath, dependencies: false });
  await rm(stage, { recursive: true });
}

await pack("", {});
await pack("-proposed", { enabledApiProposals: PROPOSALS });
