"""The `commerce` command: one module per command, registered in `main`."""
