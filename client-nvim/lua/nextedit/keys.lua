--- The keys: they act while something is shown, and do what they did before otherwise.
local M = {}

local EARLIER = "<Plug>(nextedit-earlier-%s-%s)"
-- Two plugins may pass a key to each other for ever. More passes than this without a pause are no typing.
local MAX_PASSES = 25
local n_passes = 0

--- Keeps what the key does now under a name of its own.
---@param mode string
---@param key string
---@return string name
local function keep(mode, key)
  local name = EARLIER:format(mode, key:gsub("[<>]", ""))
  local earlier = vim.fn.maparg(key, mode, false, true) --[[@as table<string, any>]]
  if vim.tbl_isempty(earlier) or earlier.buffer == 1 then
    vim.keymap.set(mode, name, key, { remap = false })
  elseif not (earlier.desc or ""):find("^nextedit: ") then
    earlier.lhs, earlier.lhsraw, earlier.lhsrawalt = name, vim.keycode(name), nil
    vim.fn.mapset(mode, false, earlier)
  end
  return name
end

--- Whether the key is free to act: not in a macro, where it means what it meant when it was recorded, and not
--- while a completion menu or a snippet has it.
---@param mode string
---@return boolean
local function is_free(mode)
  if vim.fn.reg_executing() ~= "" then
    return false
  end
  if mode == "n" then
    return true
  end
  local snippet = vim.snippet
  return vim.fn.pumvisible() == 0
    and not (snippet and snippet.active({ direction = 1 }))
    and require("nextedit.draw").menu_rows() == nil
end

---@param name string
---@param key string
---@return string
local function pass(name, key)
  if n_passes > MAX_PASSES then
    return key
  end
  if n_passes == 0 then
    vim.schedule(function()
      n_passes = 0
    end)
  end
  n_passes = n_passes + 1
  return name
end

---@param mode string
---@param key string
---@param desc string
---@param act fun(): string?
local function map_one(mode, key, desc, act)
  local name = keep(mode, key)
  vim.keymap.set(mode, key, function()
    return is_free(mode) and act() or pass(name, key)
  end, { expr = true, remap = true, replace_keycodes = true, desc = "nextedit: " .. desc })
end

---@return string?
local function accept_normal()
  local nextedit = require("nextedit")
  if not nextedit.is_pending() then
    return nil
  end
  if nextedit.is_at_edit() then
    vim.go.operatorfunc = "v:lua.require'nextedit.keys'.operate"
    return "<Plug>(nextedit-apply)"
  end
  return "<Cmd>lua require('nextedit').jump()<CR>"
end

---@return string?
local function accept_insert()
  if require("nextedit.ghost").is_visible() then
    return "<Cmd>lua require('nextedit.ghost').accept()<CR>"
  end
  return require("nextedit").is_pending() and "<Cmd>lua require('nextedit').jump_or_apply()<CR>" or nil
end

---@return string?
local function reject()
  return require("nextedit").is_seen() and "<Cmd>lua require('nextedit').reject()<CR>" or nil
end

---@return string?
local function reject_insert()
  if require("nextedit.ghost").is_visible() then
    return "<Cmd>lua require('nextedit.ghost').reject()<CR>"
  end
  return reject()
end

--- Maps the keys. What they did before is kept, and done while nothing is shown.
---@param keys nextedit.Keys
function M.map(keys)
  -- As an operator over the current line, so that `.` does it again.
  vim.keymap.set("n", "<Plug>(nextedit-apply)", "g@_")
  if keys.accept then
    map_one("n", keys.accept, "jump to the next edit, or apply it", accept_normal)
    map_one("i", keys.accept, "take what is suggested", accept_insert)
  end
  if keys.reject then
    map_one("i", keys.reject, "turn down what is suggested", reject_insert)
  end
  if keys.reject_normal then
    map_one("n", keys.reject_normal, "turn down the next edit", reject)
  end
end

--- Applies the next edit; what `.` repeats.
function M.operate()
  if not require("nextedit").accept() then
    vim.notify("nextedit: no next edit to apply")
  end
end

return M
