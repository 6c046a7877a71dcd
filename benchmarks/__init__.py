"""How fast derivatives run and compile, against the programs that they are derivatives of."""
