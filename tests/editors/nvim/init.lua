-- The set-up of docs/editors/neovim.md, for tests: $NEXTEDIT is the command, $NEXTEDIT_LOG where it logs,
-- $NEXTEDIT_OPTIONS what setup() is given.
local here = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2))
vim.opt.runtimepath:prepend(vim.env.NEXTEDIT_PLUGIN)
package.path = here .. "/?.lua;" .. package.path
vim.o.swapfile, vim.o.autoread, vim.o.shortmess = false, true, vim.o.shortmess .. "I"
vim.o.expandtab, vim.o.shiftwidth = true, 2
vim.lsp.log.set_level("error")
if vim.env.NEXTEDIT_BEFORE then
  vim.cmd(vim.env.NEXTEDIT_BEFORE)
end

vim.lsp.config("nextedit", { cmd = { vim.env.NEXTEDIT, "serve", "--log-file", vim.env.NEXTEDIT_LOG } })
vim.lsp.enable("nextedit")
require("nextedit").setup(vim.json.decode(vim.env.NEXTEDIT_OPTIONS or "{}"))
