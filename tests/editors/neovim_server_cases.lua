-- What neovim.lua runs of the server, its settings, and what is done as a file is written.

local spec = require('spec')
local wait, same, has, findings, lines = spec.wait, spec.same, spec.has, spec.findings, spec.lines

local texts = spec.texts

local cases = {}

--- A file of the project, and the editor's own settings, without a restart.
function cases.configuration_changes(path)
  spec.open(path)
  findings(1)
  local started = spec.client().id
  local file = vim.fs.joinpath(vim.fs.root(path, 'alembic.ini'), 'fumehood.toml')
  spec.write(file, ('ignore = [%q]\n'):format(texts.RULE))
  findings(0)
  vim.fn.delete(file)
  findings(1)

  local client = spec.client()
  for count, ignored in pairs({ [0] = { texts.RULE }, [1] = {} }) do
    client.settings = { fumehood = { ignore = ignored } }
    client:notify('workspace/didChangeConfiguration', { settings = client.settings })
    findings(count)
  end
  same('the client', started, spec.client().id)
end

--- It is said, `:checkhealth` says what to do, and that helps.
function cases.killed_server(path)
  spec.open(path)
  findings(1)
  local said = {}
  vim.notify = function(message) table.insert(said, message) end
  local killed = vim.fn.readfile('pid')[1]
  vim.uv.kill(tonumber(killed), 'sigkill')
  wait('the end of the client', function() return #vim.lsp.get_clients() == 0 end)
  wait('a message', function() return #said > 0 end)
  has('the message', 'fumehood quit with exit code', said[1])
  wait('no findings', function() return #vim.diagnostic.get(0) == 0 end)
  local health = spec.health()
  has('checkhealth', 'No server runs for', health)
  has('checkhealth', '`:edit` in the buffer starts it', health)
  vim.cmd.edit()
  findings(1)
  if vim.fn.readfile('pid')[1] == killed then error('the same server', 0) end
end

function cases.health_with_a_server(path)
  spec.open(path)
  findings(1)
  local health = spec.health()
  has('checkhealth', 'fumehood 0.1.0: `', health)
  has('checkhealth', 'root: ' .. vim.fs.root(path, 'alembic.ini'), health)
  has('checkhealth', 'versions/' .. vim.fs.basename(path), health)
  has('checkhealth', 'settings of ' .. path, health)
  if health:find('WARN') or health:find('ERROR') then error(health, 0) end
end

function cases.health_without_a_server(path, words)
  vim.cmd.edit(vim.fn.fnameescape(path))
  local health = spec.health()
  has('checkhealth', words, health)
  has('checkhealth', 'uv tool install', health)
  has('checkhealth', 'No server runs for', health)
end

function cases.help()
  vim.cmd('helptags ALL')
  for _, topic in ipairs({ '', '-health', '-fix-on-save', '-restart', '-settings' }) do
    vim.cmd.help('fumehood' .. topic)
    same('the help', 'fumehood.txt', vim.fs.basename(vim.api.nvim_buf_get_name(0)))
    same('the topic', '*fumehood' .. topic .. '*', vim.fn.expand('<cWORD>'))
  end
end

--- What the page says about fixing on save.
function cases.fix_on_save(path, snippet)
  dofile(snippet)
  spec.open(path)
  findings(2)
  spec.write_fixed()
  local expected = vim.fn.readfile(path .. '.fixed')
  same('the file', expected, vim.fn.readfile(path))
  same('the buffer', expected, lines())
  findings(0)
  vim.cmd.undo()
  findings(2)
end

--- What another fixer does as the file is written comes before or behind the fixes.
function cases.fix_on_save_beside_another(path, snippet)
  local function other(name)
    local comment = { '# ' .. name }
    local function change()
      if not vim.tbl_contains(lines(), comment[1]) then vim.api.nvim_buf_set_lines(0, 0, 0, false, comment) end
    end
    vim.api.nvim_create_autocmd('BufWritePre', { pattern = '*.py', callback = change })
  end
  other('before')
  dofile(snippet)
  other('behind')
  spec.open(path)
  findings(2)
  spec.write_fixed()
  local expected = vim.list_extend({ '# behind', '# before' }, vim.fn.readfile(path .. '.fixed'))
  same('the file', expected, vim.fn.readfile(path))
  same('the buffer', expected, lines())
  findings(0)
end

--- A file is written as it is where no server runs.
function cases.save_without_a_server(path, snippet)
  dofile(snippet)
  vim.cmd.edit(vim.fn.fnameescape(path))
  spec.press('Go# the end<Esc>')
  vim.cmd.write()
  has('the file', '# the end', spec.read(path))
end

return cases
