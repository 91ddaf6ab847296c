-- A real Neovim edits a real migration. Run by test_neovim.py:
--   nvim --clean --headless -l neovim.lua CASE MIGRATION
-- Ends with 1 and the reason when something is not as it should be.

local PATIENCE = 90000 -- ms: a loaded machine, not a slow server

local here = vim.fs.dirname(vim.fs.normalize(debug.getinfo(1, 'S').source:sub(2)))
local nvim = vim.fs.joinpath(here, '..', '..', 'editors', 'nvim')

local function wait(what, condition)
  if not vim.wait(PATIENCE, condition, 10) then error('waited in vain: ' .. what, 0) end
end

local function lines() return vim.api.nvim_buf_get_lines(0, 0, -1, true) end

local function same(what, expected, actual)
  if vim.deep_equal(expected, actual) then return end
  local shown = { what, '  expected:', vim.inspect(expected), '  but it is:', vim.inspect(actual) }
  error(table.concat(shown, '\n'), 0)
end

--- The findings, once they are those of the buffer as it is now.
local function wait_for_findings(count)
  local client = vim.lsp.get_clients({ name = 'fumehood' })[1]
  local found = {}
  wait(count .. ' findings', function()
    found = vim.diagnostic.get(0, { namespace = vim.lsp.diagnostic.get_namespace(client.id) })
    return #found == count
  end)
  return found
end

local function line_with(words)
  for number, line in ipairs(lines()) do
    if line:find(words, 1, true) then return number end
  end
  error('no line with ' .. words, 0)
end

local function keys(typed) return vim.api.nvim_replace_termcodes(typed, true, false, true) end

local function open(path)
  vim.opt.runtimepath:append(nvim)
  vim.cmd('filetype plugin on')
  vim.lsp.enable('fumehood')
  vim.cmd.edit(vim.fn.fnameescape(path))
  wait('the server', function()
    local client = vim.lsp.get_clients({ name = 'fumehood', bufnr = 0 })[1]
    return client ~= nil and client.initialized
  end)
end

--- The preferred quick fix at the cursor, as `gra` offers it.
local function quick_fix()
  local tick = vim.api.nvim_buf_get_changedtick(0)
  -- Else one undo would take back what was typed before it too.
  vim.o.undolevels = vim.o.undolevels
  vim.lsp.buf.code_action({
    apply = true,
    context = { only = { 'quickfix' } },
    filter = function(action) return action.isPreferred == true end,
  })
  wait('the fix', function() return vim.api.nvim_buf_get_changedtick(0) ~= tick end)
end

local TYPED = '    op.create_index("ix_orders_note_ü", "orders", ["note"])'
local FIXED = {
  '    with op.get_context().autocommit_block():',
  '        op.create_index(',
  '            "ix_orders_note_ü", "orders", ["note"], postgresql_concurrently=True',
  '        )',
}

local cases = {}

--- Type an operation, see the finding, apply the fix, undo it in one step, apply it again.
function cases.type_see_fix_undo()
  wait_for_findings(0)
  local pass = line_with('    pass')
  vim.api.nvim_win_set_cursor(0, { pass, 0 })
  vim.api.nvim_feedkeys(keys('cc' .. vim.trim(TYPED) .. '<Esc>'), 'tx', false)
  local typed = lines()
  same('the typed line', TYPED, typed[pass])

  local found = wait_for_findings(1)[1]
  same('the source', 'fumehood', found.source)
  same('the rule', 'only-concurrent-indexes', found.code)
  same('the place', { pass - 1, 4 }, { found.lnum, found.col })

  vim.api.nvim_win_set_cursor(0, { pass, 6 })
  quick_fix()
  local expected = vim.list_slice(typed, 1, pass - 1)
  vim.list_extend(expected, FIXED)
  vim.list_extend(expected, typed, pass + 1)
  same('after the fix', expected, lines())
  wait_for_findings(0)

  vim.cmd.undo()
  same('after the undo', typed, lines())
  wait_for_findings(1)
  vim.cmd.redo()
  same('after the redo', expected, lines())
  wait_for_findings(0)
end

--- Findings come, change and go while the user stays in insert mode.
function cases.findings_while_inserting()
  wait_for_findings(0)
  local first, modes, problem
  local steps = {
    {
      typed = 'cc' .. vim.trim(TYPED),
      shows = function(found)
        first = #found == 1 and found[1].message
        return first
      end,
    },
    {
      typed = '<BS>, postgresql_concurrently=True)',
      shows = function(found) return #found == 1 and found[1].message ~= first end,
    },
    { typed = '<C-u>pass', shows = function(found) return #found == 0 end },
  }
  modes = {}
  local watch, started = assert(vim.uv.new_timer()), vim.uv.now()
  local function look()
    if #modes == #steps or problem then return end
    if steps[#modes + 1].shows(vim.diagnostic.get(0)) then
      table.insert(modes, vim.api.nvim_get_mode().mode)
    elseif vim.uv.now() - started > PATIENCE then
      problem = 'waited in vain for step ' .. #modes + 1
    else
      return
    end
    local following = not problem and steps[#modes + 1]
    vim.api.nvim_input(following and following.typed or '<Esc>')
  end
  vim.api.nvim_win_set_cursor(0, { line_with('    pass'), 0 })
  watch:start(20, 20, vim.schedule_wrap(look))
  -- "!" stays in insert mode until `look` presses <Esc>.
  vim.api.nvim_feedkeys(keys(steps[1].typed), 'tx!', false)
  watch:close()
  if problem then error(problem, 0) end
  same('the modes in which findings were seen', { 'i', 'i', 'i' }, modes)
end

--- What the README says about fixing on save.
function cases.fix_on_save(path, snippet)
  wait_for_findings(2)
  dofile(snippet)
  vim.cmd.write()
  local expected = vim.fn.readfile(path .. '.fixed')
  same('the file', expected, vim.fn.readfile(path))
  same('the buffer', expected, lines())
  wait_for_findings(0)
  vim.cmd.undo()
  wait_for_findings(2)
end

local case, path = arg[1], arg[2]
local fine, problem = xpcall(function()
  open(path)
  cases[case](path, arg[3])
end, function(why) return type(why) == 'string' and why or debug.traceback(vim.inspect(why)) end)
for _, client in ipairs(vim.lsp.get_clients()) do
  client:stop()
end
vim.wait(10000, function() return #vim.lsp.get_clients() == 0 end)
if not fine then io.stderr:write(case .. ': ' .. problem .. '\n') end
os.exit(fine and 0 or 1)
