-- What neovim.lua runs, by name; each is given the path of a migration.

local spec = require('spec')
local wait, same, has, findings, lines = spec.wait, spec.same, spec.has, spec.findings, spec.lines

local texts = spec.texts
local TYPED = texts.INDEX:gsub('\n$', '')
local FIXED = vim.split(texts.FIXED, '\n', { trimempty = true })

local cases = {}

--- Type an operation, see the finding, apply the fix, undo it in one step, apply it again.
function cases.type_see_fix_undo(path)
  spec.open(path)
  findings(0)
  local pass = spec.line_with('    pass')
  vim.api.nvim_win_set_cursor(0, { pass, 0 })
  spec.press('cc' .. vim.trim(TYPED) .. '<Esc>')
  local typed = lines()
  same('the typed line', TYPED, typed[pass])
  findings(1)

  vim.api.nvim_win_set_cursor(0, { pass, 6 })
  spec.apply(texts.FIX)
  local expected = vim.list_slice(typed, 1, pass - 1)
  vim.list_extend(expected, FIXED)
  vim.list_extend(expected, typed, pass + 1)
  same('after the fix', expected, lines())
  findings(0)

  vim.cmd.undo()
  same('after the undo', typed, lines())
  findings(1)
  vim.cmd.redo()
  same('after the redo', expected, lines())
  findings(0)
end

function cases.says_what_and_where(path)
  spec.open(path)
  local found = findings(1)[1]
  local row = spec.line_with('op.create_index') - 1
  same('the source', 'fumehood', found.source)
  same('the rule', texts.RULE, found.code)
  same('the severity', vim.diagnostic.severity.ERROR, found.severity)
  local place = { found.lnum, found.col, found.end_lnum, found.end_col }
  local column = #'    note = "ü"; ' -- in bytes
  same('the place', { row, column, row, column + #'op.create_index' }, place)
  has('the message', 'ix_orders_note on orders', found.message)
  has('the message', texts.EFFECT, found.message)
end

--- Findings come, change and go while the user stays in insert mode.
function cases.findings_while_inserting(path)
  spec.open(path)
  findings(0)
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
    elseif vim.uv.now() - started > spec.patience then
      problem = 'waited in vain for step ' .. #modes + 1
    else
      return
    end
    local following = not problem and steps[#modes + 1]
    vim.api.nvim_input(following and following.typed or '<Esc>')
  end
  vim.api.nvim_win_set_cursor(0, { spec.line_with('    pass'), 0 })
  watch:start(20, 20, vim.schedule_wrap(look))
  -- "!" stays in insert mode until `look` presses <Esc>.
  spec.press(steps[1].typed, 'tx!')
  watch:close()
  if problem then error(problem, 0) end
  same('the modes in which findings were seen', { 'i', 'i', 'i' }, modes)
end

function cases.hover(path)
  spec.open(path)
  findings(1)
  spec.cursor(TYPED, 8)
  local shown
  spec.press('K', 'mtx')
  wait('the window of the hover', function()
    for _, window in ipairs(vim.api.nvim_list_wins()) do
      if vim.api.nvim_win_get_config(window).relative ~= '' then shown = window end
    end
    return shown
  end)
  local buffer = vim.api.nvim_win_get_buf(shown)
  local text = table.concat(vim.api.nvim_buf_get_lines(buffer, 0, -1, true), '\n')
  has('the hover', texts.EFFECT, text)
  has('the hover', texts.TITLE, text)
end

function cases.actions_in_order(path)
  spec.open(path)
  findings(1)
  spec.cursor(TYPED, 8)
  same('the actions', texts.OFFERED, spec.actions())
end

function cases.ignore_comment(path)
  spec.open(path)
  findings(1)
  spec.cursor(TYPED, 8)
  spec.apply(texts.IGNORE)
  local comment = spec.line_with(vim.trim(texts.IGNORED))
  same('below the comment', TYPED, lines()[comment + 1])
  findings(0)
  vim.cmd.undo()
  findings(1)
end

--- The rule's page comes up in a window of its own, and cannot be changed by accident.
function cases.page_of_a_rule(path)
  spec.open(path)
  findings(1)
  spec.cursor(TYPED, 8)
  local migration, windows = vim.api.nvim_get_current_buf(), #vim.api.nvim_list_wins()
  spec.actions(texts.OFFERED[#texts.OFFERED])
  wait('the page', function() return vim.api.nvim_get_current_buf() ~= migration end)
  same('the windows', windows + 1, #vim.api.nvim_list_wins())
  has('the page', texts.TITLE, table.concat(lines(), '\n'))
  same('readonly', true, vim.bo.readonly)
  vim.cmd.close()
  same('what is left', migration, vim.api.nvim_get_current_buf())
end

--- A fix that changes one file and creates another.
function cases.follow_up_revision(path)
  spec.open(path)
  findings(1)
  spec.cursor('op.create_foreign_key', 8)
  spec.apply(texts.FOLLOW_UP)
  findings(0)
  vim.cmd.wall()
  same('after the fix', vim.fn.readfile(path .. '.fixed'), vim.fn.readfile(path))
  local created = vim.fn.glob(vim.fs.dirname(path) .. '/*_validate_*.py', true, true)
  same('created files', 1, #created)
  has('the new file', 'VALIDATE CONSTRAINT fk_orders_customers', spec.read(created[1]))
  has('the new file', 'down_revision = "6f2d9b1c0e44"', spec.read(created[1]))
  vim.cmd.edit(created[1])
  findings(0)
end

--- What is typed in one buffer counts in the other before it is saved.
function cases.query_and_model(path)
  spec.open(path)
  local queries = vim.api.nvim_get_current_buf()
  same('the rule', texts.QUERY_RULE, findings(1)[1].code)
  vim.cmd.split(vim.fs.joinpath(vim.fs.dirname(path), 'models.py'))
  vim.api.nvim_win_set_cursor(0, { spec.line_with(texts.OF_PRICE), 0 })
  spec.press('cc' .. texts.OF_NAME .. ',<Esc>')
  vim.cmd.wincmd('p')
  same('the buffer', queries, vim.api.nvim_get_current_buf())
  findings(0)
  vim.cmd.wincmd('p')
  vim.cmd.undo()
  vim.cmd.wincmd('p')
  findings(1)
end

--- A fix that changes the file of the model alone.
function cases.query_fixed_in_its_model(path)
  spec.open(path)
  local queries = lines()
  findings(1)
  spec.cursor('select(Product)', 32)
  spec.actions(texts.IN_MODEL)
  findings(0)
  same('the queries', queries, lines())
  vim.cmd.split(vim.fs.joinpath(vim.fs.dirname(path), 'models.py'))
  same('after the fix', vim.fn.readfile(path .. '.fixed'), lines())
  findings(0)
end

return cases
