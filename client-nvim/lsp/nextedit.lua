-- What vim.lsp.config("nextedit", …) adds to. The command is the repository's own where the plugin lies in it.
local here = vim.fs.dirname(vim.fs.dirname(vim.uv.fs_realpath(debug.getinfo(1, "S").source:sub(2))))
local own = vim.fs.joinpath(vim.fs.dirname(here), ".venv", "bin", "nextedit")

---@type vim.lsp.Config
return {
  cmd = { vim.fn.executable(own) == 1 and own or "nextedit", "serve" },
  root_markers = { ".git" },
  -- No filetypes: every file.
  init_options = { statusNotification = true },
}
