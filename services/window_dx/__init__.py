"""Counter DX (窓口DX): nobody writes twice, waits unseen, or is sent from window to window."""
