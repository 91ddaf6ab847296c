-- A real Neovim edits a real migration. Run by test_neovim.py, which gives the case, its arguments and
-- the texts of all editors' tests in FUMEHOOD_CASE, as JSON. Ends with 1 and the reason when
-- something is not as it should be.

local PATIENCE = 60000 -- ms: ten times what it takes where others work too, not a slow server

local M = { patience = PATIENCE }

function M.wait(what, condition)
  if not vim.wait(PATIENCE, condition, 10) then error('waited in vain: ' .. what, 0) end
end

function M.same(what, expected, actual)
  if vim.deep_equal(expected, actual) then return end
  local shown = { what, '  expected:', vim.inspect(expected), '  but it is:', vim.inspect(actual) }
  error(table.concat(shown, '\n'), 0)
end

function M.has(what, words, text)
  if not text:find(words, 1, true) then error(('%s: no %q in\n%s'):format(what, words, text), 0) end
end

function M.lines() return vim.api.nvim_buf_get_lines(0, 0, -1, true) end

function M.read(path) return table.concat(vim.fn.readfile(path), '\n') .. '\n' end

function M.write(path, text) vim.fn.writefile(vim.split(text, '\n'), path) end

function M.client() return vim.lsp.get_clients({ name = 'fumehood', bufnr = 0 })[1] end

local PUBLISH = 'textDocument/publishDiagnostics'
local show, shown = vim.lsp.handlers[PUBLISH], {}
vim.lsp.handlers[PUBLISH] = function(problem, said, ...)
  show(problem, said, ...)
  shown[said.uri] = said.version
end

--- The findings, once there are so many and they are those of the buffer as it is now.
function M.findings(count)
  local found = {}
  M.wait(count .. ' findings', function()
    local client = M.client()
    local version = vim.lsp.util.buf_versions[vim.api.nvim_get_current_buf()]
    if not client or shown[vim.uri_from_bufnr(0)] ~= version then return false end
    found = vim.diagnostic.get(0, { namespace = vim.lsp.diagnostic.get_namespace(client.id) })
    return #found == count
  end)
  return found
end

function M.line_with(words)
  for number, line in ipairs(M.lines()) do
    if line:find(words, 1, true) then return number end
  end
  error('no line with ' .. words, 0)
end

--- Press keys as a user would; `flags` are those of |feedkeys()|.
function M.press(typed, flags)
  local keys = vim.api.nvim_replace_termcodes(typed, true, false, true)
  vim.api.nvim_feedkeys(keys, flags or 'tx', false)
end

function M.cursor(words, column) vim.api.nvim_win_set_cursor(0, { M.line_with(words), column }) end

function M.open(path)
  vim.cmd.edit(vim.fn.fnameescape(path))
  M.wait('the server', function()
    local client = M.client()
    return client ~= nil and client.initialized
  end)
end

--- What `gra` lists at the cursor; the action of this title is chosen, none where it is nil.
function M.actions(title)
  local listed
  -- Else one undo would take back what was typed before it too.
  vim.o.undolevels = vim.o.undolevels
  local select = vim.ui.select
  vim.ui.select = function(items, _, choose)
    listed = vim.tbl_map(function(item) return item.action.title end, items)
    for _, item in ipairs(items) do
      if item.action.title == title then choose(item) end
    end
  end
  M.press('gra', 'mtx')
  M.wait('the list of actions', function() return listed end)
  vim.ui.select = select
  if title and not vim.tbl_contains(listed, title) then M.same('the actions', title, listed) end
  return listed
end

--- Choose an action and wait until it has changed the buffer.
function M.apply(title)
  local tick = vim.api.nvim_buf_get_changedtick(0)
  local listed = M.actions(title)
  M.wait(title, function() return vim.api.nvim_buf_get_changedtick(0) ~= tick end)
  return listed
end

--- Write the buffer, again where the server has not answered in the time that there is for it.
function M.write_fixed()
  local before = table.concat(M.lines(), '\n')
  M.wait('it is written with a fix', function()
    vim.cmd.write()
    return not table.concat(M.lines(), '\n'):find(before, 1, true)
  end)
end

--- What `:checkhealth fumehood` says.
function M.health()
  vim.cmd('checkhealth fumehood')
  local text = table.concat(M.lines(), '\n')
  vim.cmd.close()
  return text
end

local given = vim.json.decode(vim.env.FUMEHOOD_CASE)
M.texts = given.texts
package.loaded.spec = M
local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
local cases = {}
for _, name in ipairs({ 'neovim_cases.lua', 'neovim_server_cases.lua' }) do
  cases = vim.tbl_extend('error', cases, dofile(vim.fs.joinpath(here, name)))
end
local fine, problem = xpcall(
  function() cases[given.case](unpack(given.args)) end,
  function(why) return type(why) == 'string' and why or debug.traceback(vim.inspect(why)) end
)
for _, client in ipairs(vim.lsp.get_clients()) do
  client:stop()
end
vim.wait(10000, function() return #vim.lsp.get_clients() == 0 end)
if not fine then io.stderr:write('\n' .. given.case .. ': ' .. problem .. '\n') end
os.exit(fine and 0 or 1)
