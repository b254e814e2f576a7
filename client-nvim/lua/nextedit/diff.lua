--- What differs between old and new lines: by lines, and within a line by words. Text in, text out.
local M = {}

local compare = vim.text and vim.text.diff or vim.diff

---@class nextedit.Part
---@field col integer Byte in the old line where the part begins
---@field end_col integer Byte in the old line where it ends
---@field text string What stands there afterwards
---@field new_end integer Byte in the new line behind it

---@class nextedit.Hunk
---@field first integer The first old line it touches, from 0; for an insertion the line that it goes before
---@field n_old integer
---@field n_new integer
---@field new_first integer The first new line, from 0
---@field lines string[] The new lines
---@field words nextedit.Part[][]? Line by line, when the change is small enough to be drawn inside the lines

-- A line with more separate changes than this is easier to read whole.
local MAX_PARTS = 5
-- So is one of which less than this share stays.
local LEAST_KEPT = 0.35
-- More changed lines than this are drawn as a block.
local MAX_INLINE_LINES = 4

--- Words, runs of blanks, and every other character by itself.
---@param line string
---@return string[]
local function tokens_of(line)
  local tokens, at = {}, 1
  while at <= #line do
    local found = line:match("^[%w_\128-\255]+", at) or line:match("^%s+", at) or line:sub(at, at)
    tokens[#tokens + 1] = found
    at = at + #found
  end
  return tokens
end

---@param tokens string[]
---@return integer[] offsets Where each token begins, and behind the last one its end
local function offsets_of(tokens)
  local offsets, at = {}, 0
  for index, token in ipairs(tokens) do
    offsets[index] = at
    at = at + #token
  end
  offsets[#tokens + 1] = at
  return offsets
end

--- The parts of a line that change.
---@param old string
---@param new string
---@return nextedit.Part[]
function M.words(old, new)
  local before, after = tokens_of(old), tokens_of(new)
  local from, to = offsets_of(before), offsets_of(after)
  local function joined(tokens)
    return #tokens > 0 and table.concat(tokens, "\n") .. "\n" or ""
  end
  local parts = {}
  for _, change in
    ipairs(compare(joined(before), joined(after), { result_type = "indices" }) --[[@as integer[][] ]])
  do
    local a, n_a, b, n_b = unpack(change)
    -- Without tokens on a side, the index is that of the token before.
    a, b = n_a == 0 and a + 1 or a, n_b == 0 and b + 1 or b
    parts[#parts + 1] = {
      col = from[a],
      end_col = from[a + n_a],
      text = new:sub(to[b] + 1, to[b + n_b]),
      new_end = to[b + n_b],
    }
  end
  return parts
end

---@param old string
---@param parts nextedit.Part[]
---@return boolean
local function is_small(old, parts)
  local n_removed = 0
  for _, part in ipairs(parts) do
    n_removed = n_removed + part.end_col - part.col
  end
  local n_kept, n_ink = #old - n_removed, #vim.trim(old)
  return #parts <= MAX_PARTS and (n_removed == 0 or n_ink == 0 or n_kept >= LEAST_KEPT * #old)
end

--- What differs, from the top down.
---@param old string[]
---@param new string[]
---@return nextedit.Hunk[]
function M.hunks(old, new)
  local function joined(lines)
    return table.concat(lines, "\n") .. "\n"
  end
  local hunks = {}
  local options = { result_type = "indices", linematch = 60 }
  for _, change in
    ipairs(compare(joined(old), joined(new), options) --[[@as integer[][] ]])
  do
    local a, n_old, b, n_new = unpack(change)
    local hunk = { first = n_old == 0 and a or a - 1, n_old = n_old, n_new = n_new }
    hunk.new_first = n_new == 0 and b or b - 1
    hunk.lines = vim.list_slice(new, hunk.new_first + 1, hunk.new_first + n_new)
    if n_old == n_new and n_old <= MAX_INLINE_LINES then
      hunk.words = {}
      for index = 1, n_old do
        local line = old[hunk.first + index]
        local parts = M.words(line, hunk.lines[index])
        if not is_small(line, parts) then
          hunk.words = nil
          break
        end
        hunk.words[index] = parts
      end
    end
    hunks[#hunks + 1] = hunk
  end
  return hunks
end

--- Where the cursor goes to see the change, and where it stands after it: line and byte.
---@param hunks nextedit.Hunk[]
---@return { [1]: integer, [2]: integer } first In the old lines
---@return { [1]: integer, [2]: integer } last In the new lines
function M.ends(hunks)
  local first, last = hunks[1], hunks[#hunks]
  if not first then
    return { 0, 0 }, { 0, 0 }
  end
  local at = first.words and first.words[1][1].col or 0
  local last_row = last.new_first + math.max(last.n_new, 1) - 1
  local parts = last.words and last.words[#last.words]
  local last_col = parts and parts[#parts].new_end or #(last.lines[#last.lines] or "")
  return { first.first, at }, { last_row, last_col }
end

return M
