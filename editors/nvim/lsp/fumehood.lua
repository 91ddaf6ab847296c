-- What `vim.lsp.enable('fumehood')` starts; Neovim 0.11 or newer finds it by its name and folder.

---@type vim.lsp.Config
return {
  cmd = { 'fumehood', 'server' },
  filetypes = { 'python' },
  root_markers = { { 'alembic.ini', 'fumehood.toml', 'pyproject.toml' }, '.git' },
  -- Neovim applies such edits and does not say so: they are what creates follow-up revisions.
  capabilities = { workspace = { workspaceEdit = { documentChanges = true } } },
  handlers = {
    -- The page of a rule, beside the migration and not in its window.
    ['window/showDocument'] = function(_, params)
      vim.cmd('belowright sview ' .. vim.fn.fnameescape(vim.uri_to_fname(params.uri)))
      return { success = true }
    end,
  },
}
