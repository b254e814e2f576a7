-- The plugin with a server that a test speaks for.
local here = vim.fs.dirname(debug.getinfo(1, "S").source:sub(2))
vim.opt.runtimepath:prepend(vim.env.NEXTEDIT_PLUGIN)
package.path = here .. "/?.lua;" .. package.path
vim.o.swapfile, vim.o.shortmess = false, vim.o.shortmess .. "I"
vim.lsp.log.set_level("error")
require("nextedit").setup(vim.json.decode(vim.env.NEXTEDIT_OPTIONS or "{}"))
vim.api.nvim_create_autocmd("VimEnter", {
  callback = function()
    require("stand_in").start()
  end,
})
