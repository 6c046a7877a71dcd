# f(float64)


from dataclasses import dataclass

@dataclass(frozen=True)
class Point:
    a: float

def f(x):
    p = Point(x)
    p.a = 2.0
    return p.a

# the message:
# `Point` is frozen
#   --> frozen_field.py:12:5
#    |
# 12|     p.a = 2.0
#    |     ^^^
#    |
#    = help: use `dataclasses.replace`
