// Puts Lua files into stylua's shape, or with --check says which are not in it.
// In: files and folders. stylua comes from npm, as WebAssembly: `make lint-lua` installs it into .cache/stylua.
import { readFileSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";

const require = createRequire(new URL("../.cache/stylua/", import.meta.url));
const { Config, IndentType, OutputVerification, formatCode } = require("@johnnymorganz/stylua");

const isCheck = process.argv.includes("--check");

// Every call takes its configuration away with it.
function newConfig() {
  const config = Config.new();
  config.column_width = 120;
  config.indent_type = IndentType.Spaces;
  config.indent_width = 2;
  return config;
}

function* luaFiles(path) {
  if (statSync(path).isDirectory()) {
    for (const name of readdirSync(path).sort()) yield* luaFiles(join(path, name));
  } else if (path.endsWith(".lua")) {
    yield path;
  }
}

let nOff = 0;
for (const path of process.argv.slice(2).filter((argument) => argument !== "--check").flatMap((path) => [...luaFiles(path)])) {
  const code = readFileSync(path, "utf8");
  const formatted = formatCode(code, newConfig(), undefined, OutputVerification.Full);
  if (formatted === code) continue;
  nOff += 1;
  console.log(isCheck ? `${path} is not formatted: run make format-lua` : `formatted ${path}`);
  if (!isCheck) writeFileSync(path, formatted);
}
process.exit(isCheck && nOff ? 1 : 0);
