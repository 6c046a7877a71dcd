# f(float64)


namespace = {}
exec("def g(x): return x", namespace)
g = namespace["g"]

def f(x):
    return g(x)

# the message:
# the source of `g` cannot be found
#  --> no_source.py:9:12
#   |
# 9|     return g(x)
#   |            ^^^^
#   |
#   = help: define it in a file, in a notebook cell, or register its text with `linecache`
