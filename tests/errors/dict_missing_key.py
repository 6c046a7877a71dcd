# f(float64)


def f(x):
    table = {"a": x}
    return table["b"]

# the message:
# the dict has no key 'b'
#  --> dict_missing_key.py:6:18
#   |
# 6|     return table["b"]
#   |                  ^^^
