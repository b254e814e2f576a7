--- Text at the cursor, in insert mode: by Neovim's own inline completion where there is one (0.12), else drawn here.
---
--- Neovim's cancels no superseded request, shows answers that come too late, and inserts `\r` as a character; so its
--- requests pass through here.
local M = {}

local api = vim.api
local config = require("nextedit.config")

local METHOD = "textDocument/inlineCompletion"
local BUILTIN_SPACE = "nvim.lsp.inline_completion"
-- The server's errors that only say that a request is not answered.
local QUIET_CODES = { [-32800] = true, [-32801] = true, [-32802] = true }

---@class nextedit.Ghost
---@field bufnr integer
---@field row integer
---@field col integer
---@field end_col integer
---@field lines string[]
---@field command? lsp.Command
---@field client_id integer

---@type nextedit.Ghost?
local current
---@type nextedit.Asker?
local asker
local is_listening = false
---@type table<integer, true> The clients whose requests pass through here
local watched = {}
local space = api.nvim_create_namespace("nextedit.ghost")

--- Whether Neovim draws.
---@return boolean
function M.is_builtin()
  return config.options.ghost == true and vim.lsp.inline_completion ~= nil
end

--- Makes ready for a client.
---@param client vim.lsp.Client
function M.start(client)
  if not config.options.ghost then
    return
  end
  if M.is_builtin() then
    M._watch(client)
    vim.lsp.inline_completion.enable(true, { client_id = client.id })
  elseif not is_listening then
    is_listening = true
    M._listen()
  end
end

--- Whether an edit is text at the cursor, which is drawn here and not as a next edit.
---@param edit nextedit.Edit
---@return boolean
function M.covers(edit)
  if not config.options.ghost or api.nvim_get_mode().mode:sub(1, 1) ~= "i" then
    return false
  end
  local region = require("nextedit.edit").region(edit)
  if not region or edit.bufnr ~= api.nvim_get_current_buf() then
    return false
  end
  local row, col = unpack(api.nvim_win_get_cursor(0))
  local old, new = table.concat(edit.old, "\n"), table.concat(edit.new, "\n")
  local n_head, n_tail = require("nextedit.edit").common(old, new)
  -- An insertion, on the cursor's line, at the cursor or behind it.
  return n_head + n_tail == #old and #edit.old == 1 and region.row == row - 1 and region.col + n_head >= col
end

--- Whether there is text at the cursor on the screen.
---@return boolean
function M.is_visible()
  if M.is_builtin() then
    local id = api.nvim_get_namespaces()[BUILTIN_SPACE]
    return id ~= nil and #api.nvim_buf_get_extmarks(0, id, 0, -1, { limit = 1 }) > 0
  end
  return current ~= nil and current.bufnr == api.nvim_get_current_buf()
end

--- Takes the text at the cursor.
function M.accept()
  if M.is_builtin() then
    vim.lsp.inline_completion.get({
      on_accept = function(item)
        -- Another server's text is Neovim's to insert.
        if not current or item.client_id ~= current.client_id then
          return item
        end
        M._insert(current)
      end,
    })
  elseif current then
    M._insert(current)
  end
end

--- Turns the text at the cursor down.
function M.reject()
  local rejected = current
  M._clear()
  local id = rejected and rejected.command and (rejected.command.arguments or {})[1]
  if id then
    require("nextedit.requests").command("reject", { id })
  end
end

--- What is drawn, for tests.
---@return string
function M.text()
  return current and M.is_visible() and table.concat(current.lines, "\n") or ""
end

--- Has Neovim's requests cancelled when they are superseded, and its late answers dropped.
---@param client vim.lsp.Client
function M._watch(client)
  if watched[client.id] then
    return
  end
  watched[client.id] = true
  local request = client.request
  ---@type table<integer, integer> buffer → the request under way
  local asked = {}
  ---@diagnostic disable-next-line: inject-field
  client.request = function(self, method, params, handler, bufnr)
    if method ~= METHOD or not handler then
      return request(self, method, params, handler, bufnr)
    end
    bufnr = vim._resolve_bufnr and vim._resolve_bufnr(bufnr) or (bufnr == 0 and api.nvim_get_current_buf() or bufnr)
    if asked[bufnr] then
      self:cancel_request(asked[bufnr])
    end
    local id
    local tick, cursor = api.nvim_buf_get_changedtick(bufnr), api.nvim_win_get_cursor(0)
    local sent
    sent, id = request(self, method, params, function(err, result, context)
      local is_newest = asked[bufnr] == id
      if is_newest then
        asked[bufnr] = nil
      end
      if not api.nvim_buf_is_valid(bufnr) or not is_newest or (err and QUIET_CODES[err.code]) then
        return
      end
      if api.nvim_buf_get_changedtick(bufnr) ~= tick or not vim.deep_equal(api.nvim_win_get_cursor(0), cursor) then
        return
      end
      local items = M._cleaned(result)
      M._remember(items[1], self, bufnr)
      handler(err, items, context)
    end, bufnr)
    asked[bufnr] = sent and id or nil
    return sent, id
  end
end

--- The items with the line ends of a buffer.
---@param result? lsp.InlineCompletionItem[]|lsp.InlineCompletionList
---@return lsp.InlineCompletionItem[]
function M._cleaned(result)
  local items = type(result) == "table" and (result.items or result) or {}
  for _, item in ipairs(items) do
    if type(item.insertText) == "string" then
      item.insertText = item.insertText:gsub("\r\n?", "\n")
    end
  end
  return items
end

---@param item? lsp.InlineCompletionItem
---@param client vim.lsp.Client
---@param bufnr integer
function M._remember(item, client, bufnr)
  current = nil
  if item and item.range and type(item.insertText) == "string" then
    local region, lines =
      require("nextedit.edit").place(bufnr, item.range, item.insertText --[[@as string]], client.offset_encoding)
    current = { bufnr = bufnr, row = region.row, col = region.col, end_col = region.end_col, lines = lines }
    current.command, current.client_id = item.command, client.id
    client:notify("textDocument/didShowCompletion", { item = { command = item.command } })
  end
end

--- What is left of the text when a part of it was typed; nil when something else was.
---@param ghost nextedit.Ghost
---@return integer? col Where the rest begins
---@return integer end_col Where what it replaces ends
---@return string[] lines The rest
function M._rest(ghost)
  local row, col = unpack(api.nvim_win_get_cursor(0))
  local line = api.nvim_get_current_line()
  if row - 1 ~= ghost.row or col < ghost.col then
    return nil, 0, {}
  end
  local before = line:sub(ghost.col + 1, col)
  if not vim.startswith(ghost.lines[1], before) then
    return nil, 0, {}
  end
  local rest = vim.list_slice(ghost.lines)
  rest[1] = rest[1]:sub(#before + 1)
  -- What the text replaces, such as a closing bracket, has moved right by what was typed.
  local n_replaced = math.max(ghost.end_col - ghost.col - #before, 0)
  return col, math.min(col + n_replaced, #line), rest
end

---@param ghost nextedit.Ghost
function M._insert(ghost)
  local col, end_col, rest = M._rest(ghost)
  local command = ghost.command
  M._clear()
  if not col then
    return
  end
  local edits = require("nextedit.edit")
  edits.break_undo(0)
  api.nvim_buf_set_text(0, ghost.row, col, ghost.row, end_col, rest)
  edits.break_undo(0)
  api.nvim_win_set_cursor(0, { ghost.row + #rest, (#rest == 1 and col or 0) + #rest[#rest] })
  local client = vim.lsp.get_client_by_id(ghost.client_id)
  if client and command then
    client:exec_cmd(command, { bufnr = ghost.bufnr })
  end
end

function M._clear()
  local bufnr = current and current.bufnr or 0
  current = nil
  if not api.nvim_buf_is_valid(bufnr) then
    return
  end
  local id = M.is_builtin() and api.nvim_get_namespaces()[BUILTIN_SPACE] or space
  if id then
    api.nvim_buf_clear_namespace(bufnr, id, 0, -1)
  end
end

--- Draws here, for a Neovim that cannot.
function M._listen()
  local group = api.nvim_create_augroup("nextedit.ghost", {})
  api.nvim_create_autocmd({ "TextChangedI", "TextChangedP", "CursorMovedI", "InsertEnter" }, {
    group = group,
    callback = function(event)
      local requests = require("nextedit.requests")
      if not requests.client(event.buf) then
        return
      end
      M._draw()
      asker = asker or requests.new(METHOD)
      asker:soon(function()
        if api.nvim_get_mode().mode:sub(1, 1) ~= "i" then
          return
        end
        asker:now(2, function(result, client, bufnr)
          if api.nvim_get_mode().mode:sub(1, 1) ~= "i" then
            return
          end
          M._remember(M._cleaned(result)[1], client, bufnr)
          M._draw()
        end)
      end)
    end,
  })
  api.nvim_create_autocmd({ "InsertLeave", "LspDetach" }, {
    group = group,
    callback = function()
      if asker then
        asker:cancel()
      end
      M._clear()
    end,
  })
end

function M._draw()
  if not current then
    api.nvim_buf_clear_namespace(0, space, 0, -1)
    return
  end
  local col, end_col, rest = M._rest(current)
  if not col or (#rest == 1 and rest[1] == "") then
    M._clear()
    return
  end
  local shown, draw =
    current, --[[@as nextedit.Ghost]]
    require("nextedit.draw")
  local replaced = api.nvim_get_current_line():sub(col + 1, end_col)
  local first = rest[1]
  -- What stays behind the cursor is there already.
  if replaced ~= "" and vim.endswith(first, replaced) then
    first = first:sub(1, #first - #replaced)
  end
  api.nvim_buf_clear_namespace(shown.bufnr, space, 0, -1)
  local lines = {}
  for index = 2, #rest do
    lines[index - 1] = { { draw.expand(rest[index], shown.bufnr), "NextEditGhost" } }
  end
  api.nvim_buf_set_extmark(shown.bufnr, space, shown.row, col, {
    virt_text = { { draw.expand(first, shown.bufnr, vim.fn.virtcol(".") - 1), "NextEditGhost" } },
    virt_text_pos = "inline",
    virt_lines = #lines > 0 and lines or nil,
  })
end

return M
