"""From IR to Python text, from text to compiled functions. Decides nothing about derivatives."""
