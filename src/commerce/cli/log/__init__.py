"""The log at the prompt: followed, replayed, audited and proved."""
