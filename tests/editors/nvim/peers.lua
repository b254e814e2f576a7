-- Stand-ins for two other plugins, which speak with the server as those were seen to: what they send and when, what
-- they take for granted in an answer, how they apply it. What they draw is not imitated.
local M = { shown = nil }

local METHOD = "textDocument/copilotInlineEdit"

local function client()
  -- They look for a client whose name contains "copilot".
  return vim.iter(vim.lsp.get_clients({ bufnr = 0 })):find(function(one)
    return one.name:lower():find("copilot") ~= nil
  end)
end

local function apply(edits, encoding)
  for _, edit in ipairs(edits) do
    local bufnr = vim.uri_to_bufnr(edit.textDocument.uri)
    vim.lsp.util.apply_text_edits({ { range = edit.range, newText = edit.text } }, bufnr, encoding)
  end
  client():exec_cmd(edits[1].command, { bufnr = 0 })
end

--- As sidekick.nvim: asks in normal mode, cancels the older question, drops what is for another version, takes the
--- negotiated encoding, applies all edits of an answer.
function M.sidekick()
  local asked
  local function ask()
    local one = client()
    if not one or vim.fn.mode() ~= "n" then
      return
    end
    if asked then
      one:cancel_request(asked)
    end
    M.shown = nil
    local params = vim.lsp.util.make_position_params(0, one.offset_encoding)
    params.textDocument.version = vim.lsp.util.buf_versions[vim.fn.bufnr()]
    params.context = { triggerKind = 2 }
    local _, id = one:request(METHOD, params, function(err, result, context)
      asked = nil
      if err or not result then
        return
      end
      local edits = vim.tbl_filter(function(edit)
        return edit.textDocument.version == vim.lsp.util.buf_versions[vim.uri_to_bufnr(edit.textDocument.uri)]
      end, result.edits)
      M.shown = #edits > 0 and context.bufnr == vim.fn.bufnr() and edits or nil
    end)
    asked = id
  end
  vim.api.nvim_create_autocmd({ "TextChanged", "ModeChanged" }, {
    callback = function()
      vim.defer_fn(ask, 100)
    end,
  })
  vim.api.nvim_create_autocmd("BufEnter", {
    callback = function(event)
      local one = client()
      if one then
        one:notify("textDocument/didFocus", { textDocument = { uri = vim.uri_from_bufnr(event.buf) } })
      end
    end,
  })
  vim.keymap.set("n", "<Tab>", function()
    local edits = M.shown
    if not edits then
      return
    end
    local row = edits[1].range.start.line + 1
    if vim.fn.line(".") ~= row then
      vim.api.nvim_win_set_cursor(0, { row, 0 })
    else
      M.shown = nil
      apply(edits, client().offset_encoding)
      ask()
    end
  end)
end

--- As copilot-lsp: asks half a second after a change in any mode, without a context; takes it for granted that there
--- is a result with edits; counts in UTF-16 whatever was negotiated.
function M.copilot_lsp()
  local timer = assert(vim.uv.new_timer())
  local function ask()
    local params = vim.lsp.util.make_position_params(0, "utf-16")
    params.textDocument.version = vim.lsp.util.buf_versions[vim.fn.bufnr()]
    client():request(METHOD, params, function(err, result)
      if err then
        return vim.notify("Error: " .. err.message)
      end
      local _ = #result.edits
      M.shown = result.edits[1] and result.edits or nil
      if M.shown then
        client():notify("textDocument/didShowInlineEdit", { item = { command = result.edits[1].command } })
      end
    end)
  end
  vim.api.nvim_create_autocmd({ "TextChanged", "TextChangedI" }, {
    callback = function()
      timer:start(500, 0, vim.schedule_wrap(ask))
    end,
  })
  vim.keymap.set("n", "<Tab>", function()
    local edits = M.shown
    if edits then
      M.shown = nil
      vim.lsp.util.show_document({ uri = edits[1].textDocument.uri, range = edits[1].range }, "utf-16")
      apply(edits, "utf-16")
    end
  end)
end

return M
