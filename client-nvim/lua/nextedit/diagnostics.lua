--- Tells the server what is wrong with a buffer, by the word of every other server and linter that Neovim runs.
local M = {}

local api = vim.api

-- Servers publish in bursts; the last word of a burst is told.
local QUIET_MS = 50

---@type table<integer, uv.uv_timer_t>
local waiting = {}

---@param bufnr integer
---@param row integer
---@param col integer In bytes
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return lsp.Position
local function position(bufnr, row, col, encoding)
  local line = api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""
  return { line = row, character = vim.str_utfindex(line, encoding, math.min(col, #line), false) }
end

--- What is known to be wrong with a buffer, as the wire has it.
---@param bufnr integer
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return lsp.Diagnostic[]
function M.of(bufnr, encoding)
  return vim.tbl_map(function(found)
    return {
      range = {
        start = position(bufnr, found.lnum, found.col, encoding),
        ["end"] = position(bufnr, found.end_lnum or found.lnum, found.end_col or found.col, encoding),
      },
      severity = found.severity,
      message = found.message,
      source = found.source,
    }
  end, vim.diagnostic.get(bufnr))
end

---@param bufnr integer
local function tell(bufnr)
  local client = api.nvim_buf_is_loaded(bufnr) and require("nextedit.requests").client(bufnr)
  if client then
    client:notify("nextedit/didChangeDiagnostics", {
      textDocument = { uri = vim.uri_from_bufnr(bufnr), version = vim.lsp.util.buf_versions[bufnr] },
      diagnostics = M.of(bufnr, client.offset_encoding),
    })
  end
end

--- The diagnostics of a buffer changed.
---@param event { buf: integer }
function M.changed(event)
  local bufnr = event.buf
  if not require("nextedit.requests").client(bufnr) then
    return
  end
  local timer = waiting[bufnr] or assert(vim.uv.new_timer())
  waiting[bufnr] = timer
  timer:start(QUIET_MS, 0, function()
    vim.schedule(function()
      if waiting[bufnr] == timer then
        waiting[bufnr] = nil
        timer:close()
        tell(bufnr)
      end
    end)
  end)
end

return M
