--- The options: what the user gave over the defaults.
local M = {}

---@class nextedit.Keys
---@field accept string|false Jumps to the next edit and applies it, or takes the text at the cursor
---@field reject string|false Turns the shown edit down: insert mode
---@field reject_normal string|false The same in normal mode

---@class nextedit.Options
---@field keys nextedit.Keys Keys that act only while something is shown, and else do what they did before
---@field insert_mode boolean Whether next edits are drawn in insert mode too
---@field ghost boolean|"own" Text at the cursor: by Neovim where it can, "own" for the plugin's, false for none
---@field debounce_ms integer How long after a change the server is asked
---@field open "current"|"split"|"vsplit"|"tab"|fun(bufnr: integer) Where an edit in another file is opened
---@field apply_within integer How many lines from the edit Tab still applies it without a jump
---@field dismiss_after integer|false After how many cursor moves that lead away from the edit it is hidden
---@field sign string|false The sign at the edit, where the window shows signs
---@field hint boolean The hint at the end of the line for an edit that is off screen
---@field preview boolean The preview that appears when a completion menu covers the edit

---@type nextedit.Options
local DEFAULTS = {
  keys = { accept = "<Tab>", reject = "<C-e>", reject_normal = "<Esc>" },
  insert_mode = true,
  ghost = true,
  debounce_ms = 40,
  open = "current",
  apply_within = 0,
  dismiss_after = 8,
  sign = "»",
  hint = true,
  preview = true,
}

---@type nextedit.Options
M.options = vim.deepcopy(DEFAULTS)

--- What the type of each option may be.
local TYPES = {
  keys = "table",
  insert_mode = "boolean",
  ghost = { "boolean", "string" },
  debounce_ms = "number",
  open = { "string", "function" },
  apply_within = "number",
  dismiss_after = { "number", "boolean" },
  sign = { "string", "boolean" },
  hint = "boolean",
  preview = "boolean",
}

--- Takes the user's options; names a wrong one and keeps all others.
---@param given? table
---@return nextedit.Options
function M.take(given)
  local taken = {}
  for name, value in pairs(given or {}) do
    local wanted = TYPES[name]
    local is_fine = wanted ~= nil and vim.list_contains(type(wanted) == "table" and wanted or { wanted }, type(value))
    if is_fine then
      taken[name] = value
    else
      local why = wanted and ("must be a " .. table.concat(vim.iter({ wanted }):flatten():totable(), " or "))
        or "is not known"
      vim.notify(("nextedit: the option %s %s"):format(name, why), vim.log.levels.WARN)
    end
  end
  M.options = vim.tbl_deep_extend("force", DEFAULTS, taken)
  return M.options
end

return M
