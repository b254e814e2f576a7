--- `:checkhealth nextedit`
local M = {}

local health = vim.health

local function check_neovim()
  health.start("Neovim")
  if vim.fn.has("nvim-0.11") == 0 then
    health.error("Neovim 0.11 or later is needed", "Update Neovim")
    return
  end
  local version = vim.version()
  health.ok(("Neovim %d.%d.%d"):format(version.major, version.minor, version.patch))
  local ghost = require("nextedit.config").options.ghost
  if not ghost then
    health.info("Text at the cursor is switched off (option `ghost`)")
  elseif require("nextedit.ghost").is_builtin() then
    health.ok("Text at the cursor: drawn by Neovim")
  else
    health.ok("Text at the cursor: drawn by the plugin")
  end
end

local function check_keys()
  health.start("Keys")
  local keys = require("nextedit.config").options.keys
  local wanted = { { "n", keys.accept }, { "i", keys.accept }, { "i", keys.reject }, { "n", keys.reject_normal } }
  for _, pair in ipairs(wanted) do
    local mode, key = unpack(pair)
    local found = key and vim.fn.maparg(key, mode, false, true) or nil
    if found and (found.desc or ""):find("^nextedit: ") then
      health.ok(("%s in mode %s: %s"):format(key, mode, found.desc:sub(11)))
    elseif found then
      local whose = vim.tbl_isempty(found) and "nothing: was require('nextedit').setup() called?"
        or "something else (" .. (found.desc or found.rhs or "a Lua function") .. ")"
      health.warn(("%s in mode %s does %s"):format(key, mode, whose), {
        "Have that mapping call require('nextedit').jump_or_apply() first: see :help nextedit-keys",
      })
    end
  end
end

---@param client vim.lsp.Client
local function check_client(client)
  health.ok(("The server runs: %s, positions in %s"):format(client.name, client.offset_encoding))
  local answer, problem = client:request_sync("workspace/executeCommand", {
    command = "nextedit.status",
    arguments = { { quiet = true } },
  }, 2000)
  if not answer or answer.err then
    local why = problem or (answer and answer.err and answer.err.message) or "no answer"
    health.error("It does not say how it is: " .. why, "Look into its log: :NextEdit log")
    return
  end
  local status = answer.result
  local tell = status.kind == "Normal" and health.ok or health.info
  tell("Status: " .. require("nextedit.commands").describe(status):gsub("\n", "; "))
end

local function check_server()
  health.start("Server")
  local clients = vim.tbl_filter(require("nextedit.requests").is_ours, vim.lsp.get_clients())
  for _, client in ipairs(clients) do
    check_client(client)
  end
  local config = vim.lsp.config.nextedit
  local command = config and type(config.cmd) == "table" and config.cmd[1] or "nextedit"
  if vim.fn.executable(command) == 1 then
    health.ok(("%s can be run"):format(command))
  else
    health.error(("%s cannot be run"):format(command), {
      "Install nextedit-lsp: make setup in its folder",
      'Give the whole path: vim.lsp.config("nextedit", { cmd = { "/path/to/.venv/bin/nextedit", "serve" } })',
    })
  end
  if #clients == 0 then
    local is_enabled = vim.lsp.is_enabled and vim.lsp.is_enabled("nextedit")
    health.warn("The server does not run", {
      is_enabled and "Open a file; :lua vim.lsp.enable('nextedit') starts a server again that has ended"
        or 'Put vim.lsp.enable("nextedit") into init.lua',
    })
  end
end

--- Runs all checks.
function M.check()
  check_neovim()
  check_server()
  check_keys()
end

return M
