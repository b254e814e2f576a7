--- Draws one next edit: in the lines, below them, as a hint where the cursor is, and above a completion menu.
local M = {}

local api = vim.api
local diff = require("nextedit.diff")
local edits = require("nextedit.edit")
local config = require("nextedit.config")

local space = api.nvim_create_namespace("nextedit")
local hint_space = api.nvim_create_namespace("nextedit.hint")

-- How much of a change the hint says, in cells.
local HINT_CELLS = 48
-- The most lines that the preview shows.
local PREVIEW_LINES = 8

---@class nextedit.Drawn
---@field bufnr integer
---@field hunks nextedit.Hunk[]
---@field row integer The line of the region's beginning when it was drawn
---@field label string What the hint says of it
---@field first { [1]: integer, [2]: integer } Where to look, from the region's line
---@field last { [1]: integer, [2]: integer } Where the cursor stands afterwards, from the region's line
---@field hint? { bufnr: integer, mark: integer, row: integer, text: string }
---@field preview? integer The preview's window

--- The highlight groups, linked to those of the colour scheme.
function M.define_highlights()
  local links = {
    NextEditAdd = "DiffAdd",
    NextEditDelete = "DiffDelete",
    NextEditHint = "DiagnosticHint",
    NextEditSign = "DiagnosticSignHint",
    NextEditGhost = vim.fn.hlexists("ComplHint") == 1 and "ComplHint" or "NonText",
  }
  for name, target in pairs(links) do
    api.nvim_set_hl(0, name, { link = target, default = true })
  end
end

--- A text without tabs, as it would stand at a column of the screen.
---@param text string
---@param bufnr integer
---@param column? integer
---@return string
function M.expand(text, bufnr, column)
  if not text:find("\t", 1, true) then
    return text
  end
  local width, out, at = vim.bo[bufnr].tabstop, {}, column or 0
  for piece, tab in text:gmatch("([^\t]*)(\t?)") do
    at = at + api.nvim_strwidth(piece)
    out[#out + 1] = piece
    if tab ~= "" then
      local n_blanks = width - at % width
      out[#out + 1] = (" "):rep(n_blanks)
      at = at + n_blanks
    end
  end
  return table.concat(out)
end

--- The whole lines that the region touches, and what becomes of them.
---@param edit nextedit.Edit
---@param region nextedit.Region
---@return string[] old
---@return string[] new
local function whole_lines(edit, region)
  local old = api.nvim_buf_get_lines(edit.bufnr, region.row, region.end_row + 1, false)
  local new = vim.list_slice(edit.new)
  new[1] = old[1]:sub(1, region.col) .. new[1]
  new[#new] = new[#new] .. old[#old]:sub(region.end_col + 1)
  return old, new
end

---@param text string
---@return string
local function clipped(text)
  text = vim.trim(text:gsub("%s+", " "))
  if api.nvim_strwidth(text) > HINT_CELLS then
    text = vim.fn.strcharpart(text, 0, HINT_CELLS - 1) .. "…"
  end
  return text
end

--- What the hint says: the first change, and how many lines change besides.
---@param hunks nextedit.Hunk[]
---@param old string[]
---@return string
local function label_of(hunks, old)
  local hunk, n_lines = hunks[1], 0
  for _, one in ipairs(hunks) do
    n_lines = n_lines + math.max(one.n_old, one.n_new)
  end
  local part = hunk.words and hunk.words[1][1]
  local label
  if part then
    local from, to = old[hunk.first + 1]:sub(part.col + 1, part.end_col), part.text
    label = from == "" and "+ " .. to or to == "" and "- " .. from or ("%s → %s"):format(vim.trim(from), vim.trim(to))
  elseif hunk.n_new == 0 then
    label = "- " .. vim.trim(old[hunk.first + 1])
  else
    label = "+ " .. vim.trim(hunk.lines[1])
  end
  return clipped(label) .. (n_lines > 1 and (" (%d lines)"):format(n_lines) or "")
end

---@param bufnr integer
---@param row integer
---@param parts nextedit.Part[]
local function draw_words(bufnr, row, parts)
  local line = api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1]
  for _, part in ipairs(parts) do
    if part.end_col > part.col then
      local options = { end_row = row, end_col = part.end_col, hl_group = "NextEditDelete", priority = 5000 }
      api.nvim_buf_set_extmark(bufnr, space, row, part.col, options)
    end
    if part.text ~= "" then
      local column = api.nvim_strwidth(line:sub(1, part.end_col))
      local text = M.expand(part.text, bufnr, column)
      local options = { virt_text = { { text, "NextEditAdd" } }, virt_text_pos = "inline", priority = 5000 }
      api.nvim_buf_set_extmark(bufnr, space, row, part.end_col, options)
    end
  end
end

---@param bufnr integer
---@param hunk nextedit.Hunk
---@param row integer The first line of the hunk in the buffer
local function draw_block(bufnr, hunk, row)
  for index = 0, hunk.n_old - 1 do
    local options = { end_row = row + index + 1, hl_group = "NextEditDelete", hl_eol = true, priority = 5000 }
    options.strict = false
    api.nvim_buf_set_extmark(bufnr, space, row + index, 0, options)
  end
  if hunk.n_new == 0 then
    return
  end
  local lines = {}
  for index, line in ipairs(hunk.lines) do
    -- An empty chunk would not show that there is a line.
    lines[index] = { { line == "" and " " or M.expand(line, bufnr), "NextEditAdd" } }
  end
  local below = row + hunk.n_old - 1
  local options = { virt_lines = lines, virt_lines_above = below < 0, priority = 5000 }
  api.nvim_buf_set_extmark(bufnr, space, math.max(below, 0), 0, options)
  if below < 0 then
    -- Lines above the first one are shown only when the window makes room for them.
    for _, win in ipairs(vim.fn.win_findbuf(bufnr)) do
      api.nvim_win_call(win, function()
        if vim.fn.line("w0") == 1 then
          vim.fn.winrestview({ topfill = #lines })
        end
      end)
    end
  end
end

--- Whether a sign moves no text: the window has a column for it.
---@param bufnr integer
---@return boolean
local function has_room_for_signs(bufnr)
  local win = vim.fn.bufwinid(bufnr)
  local column = win ~= -1 and vim.wo[win].signcolumn or "no"
  return vim.startswith(column, "yes") or (column == "number" and vim.wo[win].number)
end

--- Draws the edit; nil when it changes nothing.
---@param edit nextedit.Edit
---@return nextedit.Drawn?
function M.draw(edit)
  local region = edits.region(edit)
  if not region then
    return nil
  end
  local old, new = whole_lines(edit, region)
  local hunks = diff.hunks(old, new)
  if #hunks == 0 then
    return nil
  end
  api.nvim_buf_clear_namespace(edit.bufnr, space, 0, -1)
  for _, hunk in ipairs(hunks) do
    local row = region.row + hunk.first
    if hunk.words then
      for index, parts in ipairs(hunk.words) do
        draw_words(edit.bufnr, row + index - 1, parts)
      end
    else
      draw_block(edit.bufnr, hunk, row)
    end
  end
  local first, last = diff.ends(hunks)
  local n_lines = api.nvim_buf_line_count(edit.bufnr)
  first[1] = math.min(first[1], n_lines - 1 - region.row)
  if config.options.sign then
    local options = has_room_for_signs(edit.bufnr)
        and { sign_text = config.options.sign, sign_hl_group = "NextEditSign" }
      or { number_hl_group = "NextEditSign" }
    options.priority = 20
    api.nvim_buf_set_extmark(edit.bufnr, space, region.row + first[1], 0, options)
  end
  local drawn = { bufnr = edit.bufnr, hunks = hunks, row = region.row, first = first, last = last }
  drawn.label = label_of(hunks, old)
  return drawn
end

--- Takes everything off the screen.
---@param drawn nextedit.Drawn
function M.erase(drawn)
  if api.nvim_buf_is_valid(drawn.bufnr) then
    api.nvim_buf_clear_namespace(drawn.bufnr, space, 0, -1)
  end
  M.erase_hint(drawn)
  M.close_preview(drawn)
end

---@param drawn nextedit.Drawn
function M.erase_hint(drawn)
  local hint = drawn.hint
  if hint and api.nvim_buf_is_valid(hint.bufnr) then
    api.nvim_buf_del_extmark(hint.bufnr, hint_space, hint.mark)
  end
  drawn.hint = nil
end

--- Whether the place is where the window does not show it.
---@param bufnr integer
---@param row integer
---@param col integer
---@return boolean
function M.is_off_screen(bufnr, row, col)
  if api.nvim_get_current_buf() ~= bufnr then
    return true
  end
  if row + 1 < vim.fn.line("w0") or row + 1 > vim.fn.line("w$") or vim.fn.foldclosed(row + 1) ~= -1 then
    return true
  end
  if vim.wo.wrap then
    return false
  end
  local view, info = vim.fn.winsaveview(), vim.fn.getwininfo(api.nvim_get_current_win())[1]
  local column = vim.fn.virtcol({ row + 1, col + 1 })
  return column < view.leftcol or column > view.leftcol + info.width - info.textoff
end

--- Draws or moves the hint at the cursor's line, or takes it away where the edit can be seen.
---@param drawn nextedit.Drawn
---@param region nextedit.Region
function M.hint(drawn, region)
  local row, col = region.row + drawn.first[1], drawn.first[2]
  local is_hidden = config.options.hint and M.is_off_screen(drawn.bufnr, row, col)
  if not is_hidden then
    M.erase_hint(drawn)
    return
  end
  local bufnr, at = api.nvim_get_current_buf(), api.nvim_win_get_cursor(0)[1] - 1
  local where
  if bufnr ~= drawn.bufnr then
    where = ("→ %s:%d"):format(vim.fs.basename(api.nvim_buf_get_name(drawn.bufnr)), row + 1)
  else
    where = ("%s line %d"):format(row > at and "↓" or row < at and "↑" or "→", row + 1)
  end
  local text = ("%s %s"):format(where, drawn.label)
  local old = drawn.hint
  if old and old.bufnr == bufnr and old.row == at and old.text == text then
    return
  end
  if old and old.bufnr ~= bufnr then
    M.erase_hint(drawn)
  end
  local options = {
    id = drawn.hint and drawn.hint.mark or nil,
    virt_text = { { "  " .. text .. " ", "NextEditHint" }, { config.options.keys.accept or "", "NextEditHint" } },
    virt_text_pos = "eol",
    hl_mode = "combine",
  }
  if config.options.sign and has_room_for_signs(bufnr) then
    options.sign_text, options.sign_hl_group = config.options.sign, "NextEditSign"
  end
  local mark = api.nvim_buf_set_extmark(bufnr, hint_space, at, 0, options)
  drawn.hint = { bufnr = bufnr, mark = mark, row = at, text = text }
end

--- The rows of the screen that a completion menu covers, from 0 and without the last; nil without a menu.
---@return integer?
---@return integer?
function M.menu_rows()
  local pum = vim.fn.pum_getpos()
  if pum.row then
    return pum.row, pum.row + pum.height
  end
  for _, win in ipairs(api.nvim_tabpage_list_wins(0)) do
    if api.nvim_win_get_config(win).relative ~= "" then
      local filetype = vim.bo[api.nvim_win_get_buf(win)].filetype
      if filetype == "cmp_menu" or filetype == "blink-cmp-menu" then
        local row = api.nvim_win_get_position(win)[1]
        return row, row + api.nvim_win_get_height(win)
      end
    end
  end
  return nil
end

---@param drawn nextedit.Drawn
function M.close_preview(drawn)
  if drawn.preview and api.nvim_win_is_valid(drawn.preview) then
    api.nvim_win_close(drawn.preview, true)
  end
  drawn.preview = nil
end

--- What the preview says: the new lines, and of a deletion the old ones.
---@param drawn nextedit.Drawn
---@param region nextedit.Region
---@return string[]
---@return string[] groups
local function preview_lines(drawn, region)
  local lines, groups = {}, {}
  for _, hunk in ipairs(drawn.hunks) do
    local row = region.row + hunk.first
    local is_deletion = hunk.n_new == 0
    local said = is_deletion and api.nvim_buf_get_lines(drawn.bufnr, row, row + hunk.n_old, false) or hunk.lines
    for _, line in ipairs(said) do
      lines[#lines + 1], groups[#groups + 1] = line, is_deletion and "NextEditDelete" or "NextEditAdd"
    end
  end
  return lines, groups
end

--- Shows the change on the other side of the cursor when a completion menu covers it; closes the preview otherwise.
---@param drawn nextedit.Drawn
---@param region nextedit.Region
function M.preview(drawn, region)
  local top, bottom = M.menu_rows()
  if not top or not config.options.preview or drawn.bufnr ~= api.nvim_get_current_buf() then
    M.close_preview(drawn)
    return
  end
  local from = vim.fn.screenpos(0, region.row + drawn.first[1] + 1, 1).row - 1
  local n_rows = 0
  for _, hunk in ipairs(drawn.hunks) do
    n_rows = math.max(n_rows, hunk.first - drawn.first[1] + hunk.n_old + (hunk.words and 0 or hunk.n_new))
  end
  if from < 0 or from + math.max(n_rows, 1) <= top or from >= bottom then
    M.close_preview(drawn)
    return
  end
  local cursor = vim.fn.screenpos(0, vim.fn.line("."), vim.fn.col(".")).row - 1
  local is_menu_below = top > cursor
  local room = is_menu_below and cursor or vim.o.lines - vim.o.cmdheight - 1 - cursor - 1
  local lines, groups = preview_lines(drawn, region)
  lines = vim.list_slice(lines, 1, math.min(room, PREVIEW_LINES))
  if #lines == 0 then
    M.close_preview(drawn)
    return
  end
  local width = 1
  for index, line in ipairs(lines) do
    lines[index] = M.expand(line, drawn.bufnr)
    width = math.max(width, api.nvim_strwidth(lines[index]))
  end
  local options = {
    relative = "editor",
    anchor = is_menu_below and "SW" or "NW",
    row = is_menu_below and cursor or cursor + 1,
    col = math.max(vim.fn.screenpos(0, vim.fn.line("."), 1).col - 1, 0),
    width = math.min(width, vim.o.columns - 2),
    height = #lines,
    style = "minimal",
    focusable = false,
    noautocmd = true,
    -- Above Neovim's own menu.
    zindex = 150,
  }
  local bufnr
  if drawn.preview and api.nvim_win_is_valid(drawn.preview) then
    bufnr = api.nvim_win_get_buf(drawn.preview)
    options.noautocmd = nil
    api.nvim_win_set_config(drawn.preview, options)
  else
    bufnr = api.nvim_create_buf(false, true)
    vim.bo[bufnr].bufhidden = "wipe"
    drawn.preview = api.nvim_open_win(bufnr, false, options)
  end
  api.nvim_buf_set_lines(bufnr, 0, -1, false, lines)
  for index, group in ipairs(vim.list_slice(groups, 1, #lines)) do
    api.nvim_buf_set_extmark(bufnr, space, index - 1, 0, { line_hl_group = group })
  end
end

return M
