"""What else is there besides the open documents: files, ignore rules, git state, the watcher."""
