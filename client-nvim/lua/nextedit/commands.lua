--- `:NextEdit`: what each word after it does.
local M = {}

local function say(text, level)
  vim.notify("nextedit: " .. text, level or vim.log.levels.INFO)
end

---@param text string
local function show(text)
  vim.lsp.util.open_floating_preview(vim.split(text, "\n"), "markdown", { focus_id = "nextedit", border = "rounded" })
end

--- The state of the server in lines.
---@param status table The result of the command `nextedit.status`
---@return string
function M.describe(status)
  local lines = { status.message }
  local model = status.model or {}
  local name = model.name ~= "" and model.name or nil
  lines[#lines + 1] = ("model: %s%s"):format(name and name .. ", " or "", model.state or "absent")
  if type(model.problem) == "string" then
    lines[#lines + 1] = "problem: " .. model.problem
  end
  local counts = status.counts or {}
  local of = function(key)
    return counts[key] or 0
  end
  lines[#lines + 1] = ("shown %d, accepted %d, rejected %d"):format(of("shown"), of("accepted"), of("rejected"))
  for uri, why in pairs(status.leftAlone or {}) do
    lines[#lines + 1] = ("left alone: %s, %s"):format(vim.fs.basename(vim.uri_to_fname(uri)), why)
  end
  return table.concat(lines, "\n")
end

---@type table<string, fun(words: string[])>
local ACTIONS = {
  status = function()
    require("nextedit.requests").command("status", { { quiet = true } }, function(status)
      say(M.describe(status))
    end)
  end,
  pause = function(words)
    local minutes = tonumber(words[1])
    if words[1] and not minutes then
      say("pause takes a number of minutes", vim.log.levels.ERROR)
      return
    end
    local arguments = minutes and { minutes, { quiet = true } } or { { quiet = true } }
    require("nextedit.requests").command("pause", arguments, function(status)
      require("nextedit")._hide()
      say(status.message)
    end)
  end,
  resume = function()
    require("nextedit.requests").command("resume", { { quiet = true } }, function(status)
      say(status.message)
      require("nextedit")._ask(2)
    end)
  end,
  explain = function()
    local uri = vim.uri_from_bufnr(0)
    local arguments = { { textDocument = { uri = uri }, quiet = true } }
    require("nextedit.requests").command("explain", arguments, function(result)
      show(result.text)
    end)
  end,
  next = function()
    require("nextedit").next()
  end,
  accept = function()
    if not require("nextedit").accept() then
      say("no next edit to apply")
    end
  end,
  reject = function()
    if not require("nextedit").reject() then
      say("no next edit to turn down")
    end
  end,
  log = function()
    vim.cmd.tabedit(vim.fn.fnameescape(M.log_file()))
  end,
}

--- The file that the server logs to: its own, or Neovim's for language servers.
---@return string
function M.log_file()
  local client = require("nextedit.requests").client(0)
  local command = client and client.config.cmd
  if type(command) == "table" then
    for index, word in ipairs(command) do
      if word == "--log-file" and command[index + 1] then
        return command[index + 1]
      end
    end
  end
  return vim.lsp.log.get_filename()
end

--- Runs `:NextEdit`.
---@param words string[]
function M.run(words)
  local name = table.remove(words, 1) or "status"
  local action = ACTIONS[name]
  if not action then
    say(("there is no %s; there are %s"):format(name, table.concat(M.complete(""), ", ")), vim.log.levels.ERROR)
    return
  end
  action(words)
end

--- The words that begin like this.
---@param begun string
---@return string[]
function M.complete(begun)
  local found = vim.tbl_filter(function(name)
    return vim.startswith(name, begun)
  end, vim.tbl_keys(ACTIONS))
  table.sort(found)
  return found
end

return M
