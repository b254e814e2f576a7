"""Examples to train on, rendered by the format that serves; nothing here needs PyTorch."""
