-- The server for another plugin, as docs/editors/neovim.md has it: $NEXTEDIT_PEER names the stand-in.
local here = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2))
package.path = here .. "/?.lua;" .. package.path
vim.o.swapfile, vim.o.shortmess = false, vim.o.shortmess .. "I"
vim.lsp.config("copilot-nextedit", {
  cmd = { vim.env.NEXTEDIT, "serve", "--log-file", vim.env.NEXTEDIT_LOG },
  root_markers = { ".git" },
  capabilities = { general = { positionEncodings = { "utf-16" } } },
})
vim.lsp.enable("copilot-nextedit")
require("peers")[vim.json.decode(vim.env.NEXTEDIT_OPTIONS).peer]()
