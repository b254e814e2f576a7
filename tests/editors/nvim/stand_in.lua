-- A language server inside Neovim that answers when a test says so.
local M = { sent = {}, waiting = {} }

local CAPABILITIES = {
  positionEncoding = "utf-8",
  textDocumentSync = { openClose = true, change = 2 },
  inlineCompletionProvider = true,
  executeCommandProvider = { commands = { "nextedit.accept", "nextedit.reject" } },
}

--- Starts it for the buffer.
function M.start(name)
  vim.lsp.start({
    name = name or "nextedit",
    cmd = function()
      local id = 0
      return {
        request = function(method, params, callback)
          id = id + 1
          table.insert(M.sent, { method = method, id = id, params = params })
          if method == "initialize" then
            callback(nil, { capabilities = CAPABILITIES })
          elseif method == "workspace/executeCommand" or method == "shutdown" then
            callback(nil, vim.NIL)
          else
            table.insert(M.waiting, { method = method, id = id, callback = callback })
          end
          return true, id
        end,
        notify = function(method, params)
          table.insert(M.sent, { method = method, params = params })
          return true
        end,
        is_closing = function()
          return false
        end,
        terminate = function() end,
      }
    end,
  })
  return true
end

--- What was sent by a method.
function M.of(method)
  return vim.tbl_filter(function(message)
    return message.method == method
  end, M.sent)
end

--- The ids of the requests that wait for an answer.
function M.ids(method)
  return vim.tbl_map(
    function(request)
      return request.id
    end,
    vim.tbl_filter(function(request)
      return request.method == method
    end, M.waiting)
  )
end

--- Answers a request.
function M.answer(id, result)
  for index, request in ipairs(M.waiting) do
    if request.id == id then
      table.remove(M.waiting, index)
      request.callback(nil, result, id)
      return true
    end
  end
  return false
end

--- An edit as the wire has it, on one line.
function M.edit(line, from, to, text)
  return {
    text = text,
    range = { start = { line = line, character = from }, ["end"] = { line = line, character = to } },
    textDocument = { uri = vim.uri_from_bufnr(0), version = vim.lsp.util.buf_versions[vim.fn.bufnr()] },
    command = { title = "", command = "nextedit.accept", arguments = { "an-id" } },
  }
end

return M
