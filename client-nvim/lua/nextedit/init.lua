--- Next edits in Neovim: what is on the screen now, and what the user does with it.
local M = {}

local api = vim.api
local config = require("nextedit.config")

-- A key that turns down what has been on the screen for less than this was meant for something else.
local SEEN_MS = 300

---@class nextedit.Shown
---@field edit nextedit.Edit
---@field drawn nextedit.Drawn
---@field since integer
---@field n_away integer Cursor moves that led away from it
---@field distance integer Lines between the cursor and it

---@type nextedit.Shown?
local shown
---@type nextedit.Asker?
local asker
-- The buffer and its state that the last question was about.
local asked_about = ""
-- Whether the status line has asked.
local has_statusline = false
local listens_to_cmp = false

--- Sets everything up: `vim.lsp.config` and `vim.lsp.enable` start the server.
---@param options? table See |nextedit-options|
function M.setup(options)
  config.take(options)
  require("nextedit.keys").map(config.options.keys)
  local group = api.nvim_create_augroup("nextedit", {})
  local function on(events, callback)
    api.nvim_create_autocmd(events, { group = group, callback = callback })
  end
  on({ "TextChanged", "TextChangedI", "TextChangedP" }, M._changed)
  on({ "InsertLeave", "InsertEnter" }, M._mode_changed)
  on({ "CursorMoved", "CursorMovedI" }, M._moved)
  on({ "WinScrolled", "WinResized" }, M._scrolled)
  on({ "CompleteChanged", "CompleteDone" }, M._menu_changed)
  on("BufEnter", M._entered)
  on("LspAttach", M._attached)
  on("DiagnosticChanged", function(event)
    require("nextedit.diagnostics").changed(event)
  end)
  on({ "LspDetach", "BufUnload" }, M._gone)
  api.nvim_create_autocmd("User", {
    group = group,
    pattern = { "BlinkCmpMenuOpen", "BlinkCmpMenuClose", "BlinkCmpMenuPositionUpdate" },
    callback = M._menu_changed,
  })
  on("ColorScheme", function()
    require("nextedit.draw").define_highlights()
  end)
  require("nextedit.status").listen()
  for _, client in ipairs(vim.lsp.get_clients()) do
    M._attached({ data = { client_id = client.id } })
  end
end

--- Whether a next edit is on the screen.
---@return boolean
function M.is_pending()
  return shown ~= nil
end

--- Whether Tab would apply the next edit, and not jump to it first.
---@return boolean
function M.is_at_edit()
  if not shown or shown.edit.bufnr ~= api.nvim_get_current_buf() then
    return false
  end
  local from, to = M._rows(shown)
  local row, within = api.nvim_win_get_cursor(0)[1] - 1, config.options.apply_within
  return from ~= nil and row >= from - within and row <= to + within
end

--- Jumps to the next edit, or applies it when the cursor is there; false when there is none.
--- For a completion plugin's own mapping of Tab.
---@return boolean
function M.jump_or_apply()
  if not shown then
    return false
  end
  return M.is_at_edit() and M.accept() or M.jump()
end

--- Jumps to the next edit; false when there is none.
---@return boolean
function M.jump()
  local region = shown and require("nextedit.edit").region(shown.edit)
  if not shown or not region then
    return false
  end
  local bufnr, row, col = shown.edit.bufnr, region.row + shown.drawn.first[1], shown.drawn.first[2]
  vim.cmd("normal! m'")
  if bufnr ~= api.nvim_get_current_buf() then
    require("nextedit.open").open(bufnr, config.options.open)
  end
  -- The buffer may have been read again on the way.
  if not shown then
    return false
  end
  api.nvim_win_set_cursor(0, { row + 1, col })
  vim.cmd("normal! zv")
  shown.n_away, shown.distance = 0, 0
  M._refresh()
  return true
end

--- Applies the next edit, wherever it is; false when there is none.
---@return boolean
function M.accept()
  if not shown then
    return false
  end
  if not M.is_at_edit() and not M.jump() then
    return false
  end
  local edits = require("nextedit.edit")
  local taken = shown --[[@as nextedit.Shown]]
  local region = edits.apply(taken.edit)
  M._hide()
  if not region then
    return false
  end
  local last = taken.drawn.last
  local row = math.min(region.row + last[1], api.nvim_buf_line_count(0) - 1)
  local is_insert = api.nvim_get_mode().mode:sub(1, 1) == "i"
  local line = api.nvim_buf_get_lines(0, row, row + 1, false)[1]
  local col = is_insert and last[2] or last[2] - 1
  -- The first byte of a character.
  col = math.max(math.min(col, #line), 0)
  if col < #line and col > 0 then
    col = col + vim.str_utf_start(line, col + 1)
  end
  api.nvim_win_set_cursor(0, { row + 1, col })
  local client = vim.lsp.get_client_by_id(taken.edit.client_id)
  if client then
    client:exec_cmd(taken.edit.command, { bufnr = taken.edit.bufnr })
  end
  M._ask(2)
  return true
end

--- Turns the next edit down: it is not suggested again. False when there is none.
---@return boolean
function M.reject()
  if not shown then
    return false
  end
  local id = require("nextedit.edit").id(shown.edit)
  M._hide()
  require("nextedit.requests").command("reject", { id })
  M._ask_soon()
  return true
end

--- Whether the key that turns down is meant for what is shown: it has been there long enough to be seen.
---@return boolean
function M.is_seen()
  return shown ~= nil and vim.uv.now() - shown.since >= SEEN_MS
end

--- Asks for the next edit now, also when suggestions are paused, and jumps to it; applies it when the cursor is there.
function M.next()
  if M.jump_or_apply() then
    return
  end
  M._ask(1, function()
    if not M.jump() then
      vim.notify("nextedit: no next edit (:NextEdit explain says why)")
    end
  end)
end

--- What is on the screen, for tests and for those who draw it elsewhere.
---@return { bufnr: integer, row: integer, col: integer, new: string[], label: string }?
function M.pending()
  local region = shown and require("nextedit.edit").region(shown.edit)
  if not shown or not region then
    return nil
  end
  local drawn = shown.drawn
  return {
    bufnr = shown.edit.bufnr,
    row = region.row + drawn.first[1],
    col = drawn.first[2],
    new = shown.edit.new,
    label = drawn.label,
  }
end

--- A text for the status line: what is pending, or how the server is; empty when all is well.
---@return string
function M.statusline()
  has_statusline = true
  return require("nextedit.status").line(M.pending())
end

---@param with nextedit.Shown
---@return integer? from
---@return integer to
function M._rows(with)
  local region = require("nextedit.edit").region(with.edit)
  if not region then
    return nil, 0
  end
  local from, to = region.row + with.drawn.first[1], region.row
  for _, hunk in ipairs(with.drawn.hunks) do
    to = math.max(to, region.row + hunk.first + math.max(hunk.n_old, 1) - 1)
    if hunk.n_old == 0 then
      -- An insertion is at the line before it as well as at the line behind it.
      from = math.min(from, region.row + hunk.first - 1)
    end
  end
  return math.max(from, 0), to
end

--- Draws an edit in place of the one that is drawn; what stays the same is not touched.
---@param edit nextedit.Edit
function M._show(edit)
  local edits, draw = require("nextedit.edit"), require("nextedit.draw")
  if shown and edits.is_same(shown.edit, edit) then
    local is_known = edits.id(shown.edit) == edits.id(edit)
    edits.forget(shown.edit)
    shown.edit = edit
    if not is_known then
      M._report_shown(edit)
    end
    return
  end
  if require("nextedit.ghost").covers(edit) then
    M._hide()
    edits.forget(edit)
    return
  end
  local old = shown
  if old then
    edits.forget(old.edit)
    draw.erase(old.drawn)
  end
  shown = nil
  local drawn = draw.draw(edit)
  if not drawn then
    edits.forget(edit)
    return
  end
  shown = { edit = edit, drawn = drawn, since = vim.uv.now(), n_away = 0, distance = math.huge }
  M._report_shown(edit)
  M._refresh()
  M._redraw_statusline()
end

---@param edit nextedit.Edit
function M._report_shown(edit)
  local client = vim.lsp.get_client_by_id(edit.client_id)
  if client then
    client:notify("textDocument/didShowInlineEdit", { item = { command = edit.command } })
  end
end

--- Takes the edit off the screen.
function M._hide()
  if shown then
    require("nextedit.draw").erase(shown.drawn)
    require("nextedit.edit").forget(shown.edit)
    shown = nil
    M._redraw_statusline()
  end
end

function M._redraw_statusline()
  if has_statusline then
    vim.cmd.redrawstatus()
  end
end

--- Brings hint and preview in line with the cursor and the window.
function M._refresh()
  local region = shown and require("nextedit.edit").region(shown.edit)
  if shown and region then
    local draw = require("nextedit.draw")
    draw.hint(shown.drawn, region)
    draw.preview(shown.drawn, region)
  end
end

---@param trigger 1|2
---@param done? fun() Runs after the answer
function M._ask(trigger, done)
  local requests = require("nextedit.requests")
  asker = asker or requests.new("textDocument/copilotInlineEdit")
  local mode = api.nvim_get_mode().mode:sub(1, 1)
  if trigger == 2 and not (mode == "n" or (mode == "i" and config.options.insert_mode)) then
    return
  end
  asked_about = ("%d %d"):format(api.nvim_get_current_buf(), vim.b.changedtick)
  local is_sent = asker:now(trigger, function(result, client)
    local sent = result.edits and result.edits[1]
    local edit = sent and require("nextedit.edit").from_lsp(sent, client)
    if edit then
      M._show(edit)
    elseif not sent then
      M._hide()
    end
    if done then
      done()
    end
  end)
  if not is_sent and done then
    done()
  end
end

function M._ask_soon()
  local requests = require("nextedit.requests")
  asker = asker or requests.new("textDocument/copilotInlineEdit")
  asker:soon(function()
    M._ask(2)
  end)
end

function M._changed()
  if shown then
    local follow = require("nextedit.edit").follow(shown.edit)
    if not follow then
      M._hide()
    elseif follow == "narrowed" then
      local draw = require("nextedit.draw")
      draw.erase(shown.drawn)
      local drawn = draw.draw(shown.edit)
      if drawn then
        shown.drawn = drawn
        M._refresh()
      else
        M._hide()
      end
    end
  end
  local now = ("%d %d"):format(api.nvim_get_current_buf(), vim.b.changedtick)
  if now ~= asked_about and require("nextedit.requests").client(0) then
    M._ask_soon()
  end
end

--- Has nvim-cmp say when its menu opens and closes: it raises no event for that.
local function listen_to_cmp()
  local cmp = package.loaded["cmp"]
  if cmp and not listens_to_cmp and type(cmp.event) == "table" then
    listens_to_cmp = true
    cmp.event:on("menu_opened", M._menu_changed)
    cmp.event:on("menu_closed", M._menu_changed)
  end
end

---@param event { event: string }
function M._mode_changed(event)
  listen_to_cmp()
  if event.event == "InsertLeave" then
    M._ask_soon()
  elseif shown and (not config.options.insert_mode or require("nextedit.ghost").covers(shown.edit)) then
    M._hide()
  end
end

function M._moved()
  if not shown then
    return
  end
  M._refresh()
  local limit = config.options.dismiss_after
  local from, to = M._rows(shown)
  if not limit or not from then
    return
  end
  local row = api.nvim_win_get_cursor(0)[1] - 1
  local is_elsewhere = shown.edit.bufnr ~= api.nvim_get_current_buf()
  local distance = is_elsewhere and 0 or math.max(from - row, row - to, 0)
  local is_away = is_elsewhere or distance > shown.distance
  shown.n_away = is_away and shown.n_away + 1 or shown.n_away
  shown.distance = distance
  if shown.n_away > limit and api.nvim_get_mode().mode == "n" then
    M._hide()
  end
end

function M._scrolled()
  if shown then
    M._refresh()
  end
end

function M._menu_changed()
  if shown then
    -- No window can be opened while the menu is being drawn.
    vim.schedule(M._refresh)
  end
end

---@param event { buf: integer }
function M._entered(event)
  local client = require("nextedit.requests").client(event.buf)
  if not client then
    return
  end
  client:notify("textDocument/didFocus", { textDocument = { uri = vim.uri_from_bufnr(event.buf) } })
  if shown then
    M._refresh()
  end
  if not (shown and shown.edit.bufnr == event.buf) then
    M._ask_soon()
  end
end

---@param event { data: { client_id: integer } }
function M._attached(event)
  local client = vim.lsp.get_client_by_id(event.data.client_id)
  if client and require("nextedit.requests").is_ours(client) then
    require("nextedit.draw").define_highlights()
    require("nextedit.ghost").start(client)
  end
end

---@param event { event: string, buf: integer, data?: { client_id: integer } }
function M._gone(event)
  if not shown then
    return
  end
  local is_its_client = event.event == "LspDetach" and event.data and event.data.client_id == shown.edit.client_id
  if is_its_client or (event.event == "BufUnload" and event.buf == shown.edit.bufnr) then
    M._hide()
  end
end

return M
