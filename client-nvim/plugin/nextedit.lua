-- The command is there before setup(), at no cost: what it does is read when it is used.
if vim.g.loaded_nextedit then
  return
end
vim.g.loaded_nextedit = true

vim.api.nvim_create_user_command("NextEdit", function(given)
  require("nextedit.commands").run(given.fargs)
end, {
  nargs = "*",
  desc = "Next edits: status, pause, resume, explain, next, accept, reject, log",
  complete = function(begun)
    return require("nextedit.commands").complete(begun)
  end,
})
