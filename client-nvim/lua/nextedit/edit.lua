--- A next edit as the buffer has it: from the protocol's positions to bytes, kept in its place while the text around
--- it changes, and applied.
local M = {}

local api = vim.api
local region_space = api.nvim_create_namespace("nextedit.region")

---@class nextedit.LspEdit
---@field text string
---@field textDocument { uri: string, version: integer? }
---@field range lsp.Range
---@field command lsp.Command

---@class nextedit.Edit
---@field bufnr integer
---@field new string[] The lines that the region becomes
---@field old string[] The lines of the region as the edit was made for them
---@field command lsp.Command Reports the acceptance; its first argument is the suggestion's id
---@field client_id integer
---@field mark integer The extmark over the region

---@class nextedit.Region
---@field row integer
---@field col integer
---@field end_row integer
---@field end_col integer

---@param bufnr integer
---@param row integer
---@return string
local function line_at(bufnr, row)
  return api.nvim_buf_get_lines(bufnr, row, row + 1, false)[1] or ""
end

---@param bufnr integer
---@param at lsp.Position
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return integer
local function byte_of(bufnr, at, encoding)
  return vim.str_byteindex(line_at(bufnr, at.line), encoding, at.character, false)
end

--- The lines of a text; files with CRLF have them without their `\r` in Neovim.
---@param text string
---@return string[]
function M.lines_of(text)
  return vim.split((text:gsub("\r\n?", "\n")), "\n", { plain = true })
end

--- The place of an LSP range in bytes, and the lines to put there. The end of the text counts as the end of its last
--- line, as a buffer has no empty line behind its last line end.
---@param bufnr integer
---@param range lsp.Range
---@param text string
---@param encoding "utf-8"|"utf-16"|"utf-32"
---@return nextedit.Region
---@return string[]
function M.place(bufnr, range, text, encoding)
  local n_lines = api.nvim_buf_line_count(bufnr)
  local last_length = #line_at(bufnr, n_lines - 1)
  local from, to, lines = range.start, range["end"], M.lines_of(text)
  local region = { row = from.line, end_row = to.line }
  region.col = byte_of(bufnr, from, encoding)
  region.end_col = byte_of(bufnr, to, encoding)
  if to.line >= n_lines then
    region.end_row, region.end_col = n_lines - 1, last_length
    if lines[#lines] == "" and #lines > 1 then
      lines[#lines] = nil
    elseif from.line < n_lines and from.line > 0 and region.col == 0 and #lines == 1 and lines[1] == "" then
      -- The last lines go: so does the line end before them.
      region.row, region.col = from.line - 1, #line_at(bufnr, from.line - 1)
    end
  end
  if from.line >= n_lines then
    region.row, region.col = n_lines - 1, last_length
    table.insert(lines, 1, "")
  end
  return region, lines
end

--- Makes an edit of what the server sent; nil when it is for another state of the document.
---@param sent nextedit.LspEdit
---@param client vim.lsp.Client
---@return nextedit.Edit?
function M.from_lsp(sent, client)
  local bufnr = vim.uri_to_bufnr(sent.textDocument.uri)
  if not api.nvim_buf_is_loaded(bufnr) then
    vim.fn.bufload(bufnr)
  end
  local version = sent.textDocument.version
  local known = vim.lsp.util.buf_versions[bufnr]
  if version and version ~= vim.NIL and known and known ~= version then
    return nil
  end
  local region, lines = M.place(bufnr, sent.range, sent.text, client.offset_encoding)
  local ok, old = pcall(api.nvim_buf_get_text, bufnr, region.row, region.col, region.end_row, region.end_col, {})
  if not ok then
    return nil
  end
  local mark = api.nvim_buf_set_extmark(bufnr, region_space, region.row, region.col, {
    end_row = region.end_row,
    end_col = region.end_col,
    -- What is typed at its edges belongs to it.
    right_gravity = false,
    end_right_gravity = true,
  })
  return { bufnr = bufnr, new = lines, old = old, command = sent.command, client_id = client.id, mark = mark }
end

--- Where the edit is now; nil when its text is gone.
---@param edit nextedit.Edit
---@return nextedit.Region?
function M.region(edit)
  if not api.nvim_buf_is_loaded(edit.bufnr) then
    return nil
  end
  local found = api.nvim_buf_get_extmark_by_id(edit.bufnr, region_space, edit.mark, { details = true })
  if not found[1] then
    return nil
  end
  return { row = found[1], col = found[2], end_row = found[3].end_row, end_col = found[3].end_col }
end

---@param edit nextedit.Edit
---@return string[]
local function text_now(edit)
  local region = M.region(edit)
  if not region then
    return {}
  end
  local ok, lines = pcall(api.nvim_buf_get_text, edit.bufnr, region.row, region.col, region.end_row, region.end_col, {})
  return ok and lines or {}
end

--- Whether two edits do the same at the same place.
---@param one nextedit.Edit
---@param other nextedit.Edit
---@return boolean
function M.is_same(one, other)
  return one.bufnr == other.bufnr
    and vim.deep_equal(one.new, other.new)
    and vim.deep_equal(M.region(one), M.region(other))
end

--- Follows what was typed: "intact" when the region still has its text, "narrowed" when what is there now is on the
--- way from the old text to the new, nil when the edit no longer fits.
---@param edit nextedit.Edit
---@return "intact"|"narrowed"|nil
function M.follow(edit)
  local now = text_now(edit)
  if vim.deep_equal(now, edit.old) then
    return "intact"
  end
  local text, old, new = table.concat(now, "\n"), table.concat(edit.old, "\n"), table.concat(edit.new, "\n")
  local n_head, n_tail = M.common(old, new)
  local head, tail = old:sub(1, n_head), old:sub(#old - n_tail + 1)
  if #text < n_head + n_tail or text == new then
    return nil
  end
  if not vim.startswith(text, head) or not vim.endswith(text, tail) then
    return nil
  end
  local middle = text:sub(n_head + 1, #text - n_tail)
  local wanted = new:sub(n_head + 1, #new - n_tail)
  local replaced = old:sub(n_head + 1, #old - n_tail)
  -- Typed: the beginning of the new text, with or without what it takes the place of behind it.
  local typed = replaced ~= "" and vim.endswith(middle, replaced) and middle:sub(1, #middle - #replaced) or middle
  if #typed == 0 or not vim.startswith(wanted, typed) then
    return nil
  end
  edit.old = now
  return "narrowed"
end

--- How many bytes two texts have in common at the beginning and at the end, whole characters only.
---@param old string
---@param new string
---@return integer
---@return integer
function M.common(old, new)
  local n_shortest = math.min(#old, #new)
  local n_head = 0
  while n_head < n_shortest and old:byte(n_head + 1) == new:byte(n_head + 1) do
    n_head = n_head + 1
  end
  while n_head > 0 and n_head < #old and vim.str_utf_start(old, n_head + 1) ~= 0 do
    n_head = n_head - 1
  end
  local n_tail = 0
  while n_tail < n_shortest - n_head and old:byte(#old - n_tail) == new:byte(#new - n_tail) do
    n_tail = n_tail + 1
  end
  while n_tail > 0 and vim.str_utf_start(old, #old - n_tail + 1) ~= 0 do
    n_tail = n_tail - 1
  end
  return n_head, n_tail
end

--- Applies the edit, as one undo step; where its region began.
---@param edit nextedit.Edit
---@return nextedit.Region?
function M.apply(edit)
  local region = M.region(edit)
  if not region or not vim.deep_equal(text_now(edit), edit.old) then
    return nil
  end
  if not vim.bo[edit.bufnr].modifiable then
    vim.notify("nextedit: the buffer cannot be changed ('modifiable' is off)", vim.log.levels.WARN)
    return nil
  end
  M.break_undo(edit.bufnr)
  api.nvim_buf_set_text(edit.bufnr, region.row, region.col, region.end_row, region.end_col, edit.new)
  M.break_undo(edit.bufnr)
  M.forget(edit)
  return region
end

--- Lets the next change be an undo step of its own, also in insert mode.
---@param bufnr integer
function M.break_undo(bufnr)
  if api.nvim_get_mode().mode:sub(1, 1) == "i" then
    -- Setting the option, even to what it was, ends the step.
    vim.bo[bufnr].undolevels = vim.bo[bufnr].undolevels
  end
end

--- Gives up the edit's place.
---@param edit nextedit.Edit
function M.forget(edit)
  if api.nvim_buf_is_valid(edit.bufnr) then
    api.nvim_buf_del_extmark(edit.bufnr, region_space, edit.mark)
  end
end

--- The suggestion's id.
---@param edit nextedit.Edit
---@return string?
function M.id(edit)
  return (edit.command.arguments or {})[1]
end

return M
