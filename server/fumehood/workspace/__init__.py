"""The workspace: the only part of the core that touches the disk. It reads, and imports nothing."""
