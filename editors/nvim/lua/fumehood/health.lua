-- `:checkhealth fumehood`

local M = {}

local OLDEST = '0.1.0' -- the first server that has all that these files use
local INSTALL = {
  'Install it so that it is on the PATH that Neovim was started with: `pipx install` or '
    .. '`uv tool install`, and the folder of its clone or its wheel.',
  'Or say where it is: vim.lsp.config("fumehood", { cmd = { "/path/to/fumehood", "server" } })',
}
local health = vim.health

--- What `--version` of the configured command says; nil and the reason where it cannot be run.
local function version_of(cmd)
  local asked = vim.list_slice(cmd, 1, cmd[#cmd] == 'server' and #cmd - 1 or #cmd)
  table.insert(asked, '--version')
  local started, process = pcall(vim.system, asked, { text = true })
  if not started then return nil, process end
  local done = process:wait(20000)
  local version = done.code == 0 and done.stdout:match('^fumehood (%S+)')
  if version then return version end
  local said = vim.split(vim.trim(done.stderr .. done.stdout), '\n')[1]
  return nil, ('`%s` ended with %d: %s'):format(table.concat(asked, ' '), done.code, said)
end

local function check_server(cmd)
  if type(cmd) ~= 'table' then return health.info('The command of the server is a function.') end
  local program = vim.fn.exepath(cmd[1])
  if program == '' then
    return health.error(('No server was found: `%s` is not on the PATH.'):format(cmd[1]), INSTALL)
  end
  local version, problem = version_of(cmd)
  if not version then return health.error(program .. ' is no fumehood. ' .. problem, INSTALL) end
  if vim.version.lt(version, OLDEST) then
    local said = ('%s is fumehood %s; these files need %s or newer.'):format(program, version, OLDEST)
    return health.error(said, 'Update it as you have installed it.')
  end
  health.ok(('fumehood %s: `%s`'):format(version, program))
end

local function check_configuration()
  health.start('fumehood: server')
  if vim.fn.has('nvim-0.11') == 0 then
    return health.error('Neovim 0.11 or newer is needed.', 'Update Neovim.')
  end
  local config = vim.lsp.config.fumehood
  if not config then
    return health.error('lsp/fumehood.lua is not on the runtimepath.', 'Install the plugin again.')
  end
  check_server(config.cmd)
  -- The first versions of Neovim 0.11 cannot be asked.
  if vim.lsp.is_enabled and not vim.lsp.is_enabled('fumehood') then
    health.warn('fumehood is not enabled.', "Put into init.lua: vim.lsp.enable('fumehood')")
  end
end

local function names(buffers)
  local shown = {}
  for buffer in vim.spairs(buffers) do
    table.insert(shown, vim.fn.fnamemodify(vim.api.nvim_buf_get_name(buffer), ':~:.'))
  end
  return #shown == 0 and 'none' or table.concat(shown, ', ')
end

local function report(client)
  local version = client.server_info and client.server_info.version or 'does not say its version'
  health.ok(('client %d: fumehood %s'):format(client.id, version))
  health.info('root: ' .. (client.root_dir or 'none; files are checked each by itself'))
  health.info('buffers: ' .. names(client.attached_buffers))
  local buffer = next(client.attached_buffers)
  local asked = { command = 'fumehood.debugInformation' }
  asked.arguments = { buffer and vim.uri_from_bufnr(buffer) }
  local answer, problem = client:request_sync('workspace/executeCommand', asked, 20000)
  if answer and type(answer.result) == 'string' then
    health.info(vim.trim(answer.result))
  else
    problem = problem or vim.inspect(answer and answer.err)
    health.error('The server does not answer: ' .. problem, 'Restart it: :help fumehood-restart')
  end
end

local function check_clients()
  health.start('fumehood: clients')
  local clients = vim.lsp.get_clients({ name = 'fumehood' })
  vim.tbl_map(report, clients)
  local without = {}
  for _, buffer in ipairs(vim.api.nvim_list_bufs()) do
    local python = vim.api.nvim_buf_is_loaded(buffer) and vim.bo[buffer].filetype == 'python'
    if python and #vim.lsp.get_clients({ name = 'fumehood', bufnr = buffer }) == 0 then
      without[buffer] = true
    end
  end
  if next(without) then
    local advice = { '`:edit` in the buffer starts it.', 'The log: ' .. vim.lsp.get_log_path() }
    health.warn('No server runs for ' .. names(without), advice)
  elseif #clients == 0 then
    health.info('No server runs; it starts with the first Python file.')
  end
end

function M.check()
  check_configuration()
  check_clients()
end

return M
