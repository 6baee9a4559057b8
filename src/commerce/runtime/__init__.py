"""What every process needs: settings, logs, tokens, key files, heartbeats, and an orderly end."""
