-- What `vim.lsp.enable('fumehood')` starts; Neovim 0.11 or newer finds it by its name and folder.

---@type vim.lsp.Config
return {
  cmd = { 'fumehood', 'server' },
  filetypes = { 'python' },
  root_markers = { { 'alembic.ini', 'pyproject.toml' }, '.git' },
}
