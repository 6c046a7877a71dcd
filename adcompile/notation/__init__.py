"""The notation in which rules are written: parsed, matched, transposed and turned into equations."""
