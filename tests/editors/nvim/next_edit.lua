-- Next edits in Neovim 0.12: Tab in normal mode jumps to the suggested edit, Tab again applies it; <C-e> turns it down.
local M = { shown = nil }
local NAME, METHOD, PAUSE_MS = "nextedit", "textDocument/copilotInlineEdit", 80
local space = vim.api.nvim_create_namespace("nextedit")
local timer, asked, epoch = assert(vim.uv.new_timer()), nil, 0

local function client_of(bufnr)
  return vim.lsp.get_clients({ name = NAME, bufnr = bufnr })[1]
end

function M.clear()
  epoch = epoch + 1
  if asked then asked.client:cancel_request(asked.id) end
  if M.shown and vim.api.nvim_buf_is_valid(M.shown.bufnr) then
    vim.api.nvim_buf_clear_namespace(M.shown.bufnr, space, 0, -1)
  end
  asked, M.shown = nil, nil
end

--- The old text struck through, the new text below it; a note at the cursor when the place is elsewhere.
local function draw(edit, bufnr, client)
  local from, to = edit.range.start, edit.range["end"]
  local function column(at)
    local line = vim.api.nvim_buf_get_lines(bufnr, at.line, at.line + 1, false)[1] or ""
    return vim.str_byteindex(line, client.offset_encoding, at.character, false)
  end
  local last = math.min(to.line, vim.api.nvim_buf_line_count(bufnr) - 1)
  local is_whole_lines = from.character == 0 and to.character == 0 and vim.endswith(edit.text, "\n")
  local new = vim.split(is_whole_lines and edit.text:sub(1, -2) or edit.text, "\n")
  local lines = vim.tbl_map(function(line) return { { line, "DiffAdd" } } end, new)
  local is_inline = #lines == 1 and not is_whole_lines
  vim.api.nvim_buf_set_extmark(bufnr, space, from.line, column(from), {
    end_row = last, end_col = column({ line = last, character = to.line == last and to.character or 1e6 }),
    hl_group = "DiffDelete", strict = false,
    virt_text = is_inline and lines[1] or nil, virt_text_pos = "inline",
  })
  if not is_inline then
    vim.api.nvim_buf_set_extmark(bufnr, space, is_whole_lines and from.line or last, 0, {
      virt_lines = lines, virt_lines_above = is_whole_lines, strict = false,
    })
  end
  if bufnr ~= vim.api.nvim_get_current_buf() then
    vim.notify(("Tab: next edit in %s:%d"):format(vim.fs.basename(vim.api.nvim_buf_get_name(bufnr)), from.line + 1))
  end
end

function M.request()
  local bufnr, client = vim.api.nvim_get_current_buf(), client_of(0)
  if not client or vim.fn.mode() ~= "n" then return end
  M.clear()
  local mine = epoch
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding)
  params.textDocument.version = vim.lsp.util.buf_versions[bufnr]
  params.context = { triggerKind = 2 }
  local sent, id = client:request(METHOD, params, function(err, result)
    local edit = not err and mine == epoch and result.edits[1]
    if not edit then return end
    asked = nil
    local target = vim.uri_to_bufnr(edit.textDocument.uri)
    if vim.lsp.util.buf_versions[target] ~= edit.textDocument.version then return end
    M.shown = { edit = edit, bufnr = target, client = client }
    draw(edit, target, client)
    client:notify("textDocument/didShowInlineEdit", { item = { command = edit.command } })
  end, bufnr)
  asked = sent and { client = client, id = id } or nil
end

--- Jumps to the suggested edit, or applies it when the cursor is there; false when there is none.
function M.jump_or_apply()
  local shown = M.shown
  if not shown then return false end
  local edit, from = shown.edit, shown.edit.range.start
  local is_there = shown.bufnr == vim.api.nvim_get_current_buf() and vim.fn.line(".") == from.line + 1
  vim.cmd("normal! m'")
  if not is_there then
    return vim.lsp.util.show_document({ uri = edit.textDocument.uri, range = edit.range },
      shown.client.offset_encoding, { focus = true })
  end
  M.clear()
  vim.lsp.util.apply_text_edits({ { range = edit.range, newText = edit.text } }, shown.bufnr, shown.client.offset_encoding)
  shown.client:exec_cmd(edit.command, { bufnr = shown.bufnr })
  M.request()
  return true
end

function M.reject()
  if M.shown then
    M.shown.client:exec_cmd({ title = "Reject", command = "nextedit.reject", arguments = M.shown.edit.command.arguments })
  end
  M.clear()
end

function M.setup()
  local function later() timer:start(PAUSE_MS, 0, vim.schedule_wrap(M.request)) end
  vim.api.nvim_create_autocmd("TextChanged", { callback = later })
  vim.api.nvim_create_autocmd("ModeChanged", { pattern = "i:n", callback = later })
  vim.api.nvim_create_autocmd("BufEnter", { callback = function(event)
    -- Not after a jump to the suggestion.
    if not (M.shown and M.shown.bufnr == event.buf) then later() end
  end })
  vim.api.nvim_create_autocmd({ "TextChanged", "InsertEnter" }, { callback = M.clear })
  vim.keymap.set("n", "<Tab>", function() return M.jump_or_apply() or vim.api.nvim_feedkeys(vim.keycode("<Tab>"), "n", false) end)
  vim.keymap.set("n", "<C-e>", M.reject)
end

return M
