"""Programs to programs: the derivatives, and the clean-ups that follow them. No derivative formula stands here."""
