-- What the tests ask a Neovim for.
local M = { titles = {} }

--- The result of one of the server's commands, asked for at the cursor.
function M.command(name)
  local here = vim.lsp.util.make_position_params(0, "utf-8")
  local params = { command = "nextedit." .. name, arguments = { vim.tbl_extend("error", here, { quiet = true }) } }
  return vim.lsp.get_clients()[1]:request_sync("workspace/executeCommand", params, 5000, 0).result
end

--- Collects in `titles` the code actions that match, and applies the only one if so told.
function M.code_actions(pattern, apply)
  M.titles = {}
  vim.lsp.buf.code_action({
    apply = apply,
    filter = function(action)
      local is_wanted = action.title:find(pattern) ~= nil
      if is_wanted then
        table.insert(M.titles, action.title)
      end
      return is_wanted and apply
    end,
  })
  return true
end

return M
