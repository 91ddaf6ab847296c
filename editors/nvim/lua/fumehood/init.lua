local M = {}

local PATIENCE = 5000 -- ms in which a buffer is written as it is when the server does not answer

local function ask(client, method, params, bufnr)
  local answer, problem = client:request_sync(method, params, PATIENCE, bufnr)
  problem = problem or answer and answer.err and answer.err.message
  if problem then
    vim.notify('fumehood: nothing was fixed: ' .. problem, vim.log.levels.WARN)
    return nil
  end
  return answer and answer.result
end

--- Apply all safe fixes of a buffer, in one step of undo. Does nothing where no server is attached,
--- or where it has nothing to mend; what the server does not answer is said, and left alone.
---@param bufnr? integer the current one by default
function M.fix_all(bufnr)
  bufnr = (bufnr == nil or bufnr == 0) and vim.api.nvim_get_current_buf() or bufnr
  local client = vim.lsp.get_clients({ bufnr = bufnr, name = 'fumehood' })[1]
  if not client then return end
  local start = { line = 0, character = 0 }
  local actions = ask(client, 'textDocument/codeAction', {
    textDocument = vim.lsp.util.make_text_document_params(bufnr),
    range = { start = start, ['end'] = start },
    context = { only = { 'source.fixAll.fumehood' }, diagnostics = {} },
  }, bufnr)
  local action = actions and actions[1]
  if action and not action.edit then action = ask(client, 'codeAction/resolve', action, bufnr) end
  if action and action.edit then
    vim.lsp.util.apply_workspace_edit(action.edit, client.offset_encoding)
  end
end

return M
