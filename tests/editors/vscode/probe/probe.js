// Lets a test look into VS Code: JavaScript in, its value out, as `:lua` does in Neovim.  Keys do not come this way.
// In: the window's first folder.  Out: a server on loopback, whose port is written beside that folder.
const fs = require("node:fs");
const http = require("node:http");
const path = require("node:path");
const vscode = require("vscode");

const AsyncFunction = (async () => {}).constructor;

async function evaluate(body) {
  try {
    return { value: (await new AsyncFunction("vscode", body)(vscode)) ?? null };
  } catch (error) {
    return { error: String((error && error.stack) || error) };
  }
}

function activate(context) {
  const folder = vscode.workspace.workspaceFolders?.[0]?.uri.fsPath;
  if (!folder) return;
  const server = http.createServer((request, response) => {
    const parts = [];
    request.on("data", (part) => parts.push(part));
    request.on("end", async () => response.end(JSON.stringify(await evaluate(Buffer.concat(parts).toString("utf8")))));
  });
  server.listen(0, "127.0.0.1", () => {
    const file = path.join(path.dirname(folder), "probe.port");
    // Read only when it is whole.
    fs.writeFileSync(`${file}.new`, String(server.address().port));
    fs.renameSync(`${file}.new`, file);
  });
  context.subscriptions.push({ dispose: () => server.close() });
}

module.exports = { activate };
