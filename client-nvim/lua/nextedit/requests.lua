--- Asks the server, one question of a kind at a time: a newer question cancels the older one, and an answer that comes
--- too late is dropped.
local M = {}

local api = vim.api
local config = require("nextedit.config")

M.NAME = "nextedit"

---@class nextedit.Asker
---@field method string
---@field private timer uv.uv_timer_t
---@field private asked? { client: vim.lsp.Client, id: integer, bufnr: integer, tick: integer, row: integer }
---@field private epoch integer
local Asker = {}
Asker.__index = Asker

--- One that asks by a method.
---@param method string
---@return nextedit.Asker
function M.new(method)
  return setmetatable({ method = method, timer = assert(vim.uv.new_timer()), epoch = 0 }, Asker)
end

--- The client of a buffer that answers: ours.
---@param bufnr? integer 0 or nil for the current one
---@return vim.lsp.Client?
function M.client(bufnr)
  for _, client in ipairs(vim.lsp.get_clients({ bufnr = bufnr or 0 })) do
    if M.is_ours(client) then
      return client
    end
  end
end

--- Whether a client speaks with nextedit-lsp.
---@param client vim.lsp.Client
---@return boolean
function M.is_ours(client)
  local experimental = client.server_capabilities and client.server_capabilities.experimental
  return client.name == M.NAME or (type(experimental) == "table" and experimental.nextedit ~= nil)
end

--- Asks when nothing has changed for a moment.
---@param ask fun()
function Asker:soon(ask)
  self:cancel()
  self.timer:start(config.options.debounce_ms, 0, vim.schedule_wrap(ask))
end

--- Asks at the cursor. `answered` gets the result unless it was cancelled, superseded or came to nothing.
---@param trigger 1|2 1 when the user asked, 2 when it happens by itself
---@param answered fun(result: any, client: vim.lsp.Client, bufnr: integer)
---@return boolean asked
function Asker:now(trigger, answered)
  local bufnr, client = api.nvim_get_current_buf(), M.client(0)
  if not client or not client.initialized or client:is_stopped() then
    return false
  end
  local tick, row = api.nvim_buf_get_changedtick(bufnr), api.nvim_win_get_cursor(0)[1]
  local asked = self.asked
  if asked and trigger == 2 and asked.bufnr == bufnr and asked.tick == tick and asked.row == row then
    -- The same question is under way.
    return true
  end
  self:cancel()
  local mine = self.epoch
  local params = vim.lsp.util.make_position_params(0, client.offset_encoding) --[[@as table]]
  params.textDocument.version = vim.lsp.util.buf_versions[bufnr]
  params.context = { triggerKind = trigger }
  local sent, id = client:request(self.method, params, function(err, result)
    if mine ~= self.epoch then
      return
    end
    self.asked = nil
    if err or result == nil or not api.nvim_buf_is_valid(bufnr) or api.nvim_buf_get_changedtick(bufnr) ~= tick then
      return
    end
    answered(result, client, bufnr)
  end, bufnr)
  if sent and id then
    self.asked = { client = client, id = id, bufnr = bufnr, tick = tick, row = row }
  end
  return sent
end

--- Whether an answer is awaited.
---@return boolean
function Asker:is_waiting()
  return self.asked ~= nil or self.timer:is_active()
end

--- Gives up the question under way, and tells the server.
function Asker:cancel()
  self.epoch = self.epoch + 1
  self.timer:stop()
  if self.asked and not self.asked.client:is_stopped() then
    self.asked.client:cancel_request(self.asked.id)
  end
  self.asked = nil
end

--- Runs one of the server's commands.
---@param name string Without `nextedit.`
---@param arguments any[]
---@param answered? fun(result: any)
---@return boolean sent
function M.command(name, arguments, answered)
  local client = M.client(0) or vim.lsp.get_clients({ name = M.NAME })[1]
  if not client then
    vim.notify("nextedit: the server does not run for this file (:checkhealth nextedit)", vim.log.levels.WARN)
    return false
  end
  local params = { command = "nextedit." .. name, arguments = arguments }
  return (
    client:request("workspace/executeCommand", params, function(err, result)
      if err then
        vim.notify("nextedit: " .. err.message, vim.log.levels.WARN)
      elseif answered then
        answered(result)
      end
    end, api.nvim_get_current_buf())
  )
end

return M
