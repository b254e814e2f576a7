-- A minimal Neovim 0.12 set-up; $NEXTEDIT is the command, $NEXTEDIT_LOG where it logs.
local here = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2))
vim.opt.runtimepath:prepend(here)
package.path = here .. "/?.lua;" .. package.path
vim.o.swapfile, vim.o.autoread, vim.o.shortmess = false, true, vim.o.shortmess .. "I"
vim.o.expandtab, vim.o.shiftwidth = true, 2
vim.lsp.log.set_level("error")

vim.lsp.config("nextedit", {
  cmd = { vim.env.NEXTEDIT or "nextedit", "serve", "--log-file", vim.env.NEXTEDIT_LOG },
  root_markers = { ".git" },
  -- No filetypes: every file.
})
vim.lsp.enable("nextedit")

vim.lsp.inline_completion.enable()
vim.keymap.set("i", "<Tab>", function()
  return vim.lsp.inline_completion.get() and "" or "<Tab>"
end, { expr = true, desc = "Accept the suggestion" })

require("next_edit").setup()
