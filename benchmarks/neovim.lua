-- What the Neovim plugin costs: at start-up, at each keystroke, and when an answer comes.
--
-- Run by benchmarks/neovim.py as `nvim -l`. In: the repository's root, and how often. Out: one JSON object.
-- A second Neovim is typed into through its own remote interface; every entry point of the plugin is timed in it.
local root, n_keys, n_starts = arg[1], tonumber(arg[2]), tonumber(arg[3])

local function spawn(...)
  local command = { vim.v.progpath, "--embed", "--headless", "--clean", "-n", "-i", "NONE", ... }
  return vim.fn.jobstart(command, { rpc = true })
end

local function lua(channel, code, ...)
  return vim.rpcrequest(channel, "nvim_exec_lua", code, { ... })
end

local function quantiles(values)
  table.sort(values)
  local function at(share)
    return values[math.max(1, math.ceil(share * #values))]
  end
  return { median = at(0.5), p95 = at(0.95), max = values[#values], n = #values }
end

-- As in an init.lua. Neovim's own part, which any language server costs, is paid before: loading vim.lsp.
local START = [[
  local root = "%s"
  vim.lsp.config("another", { cmd = { "false" }, filetypes = { "none" } })
  vim.lsp.enable("another")
  vim.opt.runtimepath:prepend(root .. "/client-nvim")
  local from = vim.uv.hrtime()
  vim.cmd.source(root .. "/client-nvim/plugin/nextedit.lua")
  vim.lsp.config("nextedit", { cmd = { "false" } })
  vim.lsp.enable("nextedit")
  require("nextedit").setup()
  _G.start = (vim.uv.hrtime() - from) / 1e6
]]

-- Times everything that Neovim calls in the plugin, and has the stand-in answer with an edit at another line each time.
local PREPARE = [[
  local root, is_answering = ...
  _G.spent, _G.answers, _G.asked = 0, {}, {}
  local function timed(callback, record)
    return function(...)
      local from = vim.uv.hrtime()
      local result = { callback(...) }
      record((vim.uv.hrtime() - from) / 1e6)
      return unpack(result)
    end
  end
  local create = vim.api.nvim_create_autocmd
  vim.api.nvim_create_autocmd = function(events, options)
    if options.callback then
      options.callback = timed(options.callback, function(ms) _G.spent = _G.spent + ms end)
    end
    return create(events, options)
  end
  vim.opt.runtimepath:prepend(root .. "/client-nvim")
  package.path = root .. "/tests/editors/nvim/?.lua;" .. package.path
  require("nextedit").setup({ debounce_ms = 0, ghost = false })
  vim.api.nvim_create_autocmd = create
  local nextedit = require("nextedit")
  nextedit._show = timed(nextedit._show, function(ms) table.insert(_G.answers, ms) end)
  nextedit._ask = timed(nextedit._ask, function(ms) table.insert(_G.asked, ms) end)
  local lines = {}
  for index = 1, 10000 do lines[index] = ("    value_%d = compute(size, depth, %d)"):format(index, index) end
  vim.api.nvim_buf_set_lines(0, 0, -1, false, lines)
  vim.api.nvim_buf_set_name(0, "/tmp/bench.py")
  local stand_in = require("stand_in")
  stand_in.start()
  local line = 0
  _G.answer_all = function()
    for _, id in ipairs(stand_in.ids("textDocument/copilotInlineEdit")) do
      line = line % 15 + 2
      stand_in.answer(id, { edits = is_answering and { stand_in.edit(line, 4, 9, "width") } or {} })
    end
  end
  vim.api.nvim_win_set_cursor(0, { 1, 0 })
]]

local function typed(is_answering)
  local channel = spawn()
  vim.rpcrequest(channel, "nvim_ui_attach", 100, 40, {})
  lua(channel, PREPARE, root, is_answering)
  vim.rpcrequest(channel, "nvim_input", "A")
  local keys = {}
  for index = 1, n_keys do
    lua(channel, "_G.spent = 0")
    vim.rpcrequest(channel, "nvim_input", ("abc def"):sub(index % 7 + 1, index % 7 + 1))
    vim.rpcrequest(channel, "nvim_get_mode")
    vim.wait(3)
    keys[index] = lua(channel, "local spent = _G.spent; _G.answer_all(); return spent")
  end
  local answers, asked = lua(channel, "return _G.answers"), lua(channel, "return _G.asked")
  vim.fn.jobstop(channel)
  return quantiles(keys), quantiles(asked), #answers > 0 and quantiles(answers) or nil
end

local starts = {}
for index = 1, n_starts do
  local channel = spawn("--cmd", "lua " .. START:format(root):gsub("%s*\n%s*", " "))
  starts[index] = lua(channel, "return _G.start")
  vim.fn.jobstop(channel)
end
local quiet = typed(false)
local busy, asked, answers = typed(true)
io.write(vim.json.encode({
  version = tostring(vim.version()),
  rows = {
    { "start-up: the command, vim.lsp.config, vim.lsp.enable and setup()", quantiles(starts) },
    { "a keystroke, nothing shown", quiet },
    { "a keystroke, a next edit shown", busy },
    { "sending the question, after the keystroke", asked },
    { "an answer: the old edit off, the new one drawn", answers },
  },
}))
