"""What one file says of models and queries, as plain data that other files may need."""
