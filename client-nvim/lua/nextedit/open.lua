--- Opens the buffer of a next edit that lies in another file.
local M = {}

local COMMANDS = { current = "buffer", split = "sbuffer", vsplit = "vertical sbuffer", tab = "tab sbuffer" }

--- Goes to a window that shows the buffer, or opens it as the options say.
---@param bufnr integer
---@param how "current"|"split"|"vsplit"|"tab"|fun(bufnr: integer)
function M.open(bufnr, how)
  if vim.api.nvim_get_mode().mode:sub(1, 1) == "i" then
    vim.cmd("stopinsert")
  end
  local win = vim.fn.bufwinid(bufnr)
  if win ~= -1 then
    vim.api.nvim_set_current_win(win)
  elseif type(how) == "function" then
    how(bufnr)
  else
    vim.bo[bufnr].buflisted = true
    vim.cmd(("%s %d"):format(COMMANDS[how] or COMMANDS.current, bufnr))
  end
end

return M
