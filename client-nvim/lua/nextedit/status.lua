--- How the server is, as it says by itself, and the text for the status line.
local M = {}

---@class nextedit.Status
---@field busy boolean
---@field kind "Normal"|"Inactive"|"Warning"
---@field message string

---@type nextedit.Status?
local last

--- Takes the server's notifications.
function M.listen()
  vim.lsp.handlers["nextedit/status"] = function(_, status)
    last = status
    vim.schedule(function()
      vim.cmd.redrawstatus()
    end)
  end
end

--- What the server said last.
---@return nextedit.Status?
function M.last()
  return last
end

--- The text for the status line.
---@param pending? { bufnr: integer, row: integer, label: string }
---@return string
function M.line(pending)
  if pending then
    local is_here = pending.bufnr == vim.api.nvim_get_current_buf()
    local file = is_here and "" or vim.fs.basename(vim.api.nvim_buf_get_name(pending.bufnr)) .. ":"
    -- A percent sign would be read as an item of the status line.
    return ("» %s%d %s"):format(file, pending.row + 1, (pending.label:gsub("%%", "%%%%")))
  end
  if last and (last.busy or last.kind == "Inactive") then
    return "» " .. (last.message:gsub("%%", "%%%%"))
  end
  return ""
end

return M
