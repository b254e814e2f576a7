# Try it here: this is an untitled file, nothing is saved.
#
# 1. Rename the first parameter below: replace "size" by "width".
#    What follows is drawn in the lines. Tab goes there, Tab again applies it, Esc turns it down.
#    "Next Edit: Apply All of This Kind…" shows all of them before anything changes.


def volume(size, depth, height):
    if size < 0:
        raise ValueError("no length is negative")
    area = size * depth

    return area * height + 0 * size


# 2. Add a third parameter "z" behind "y": the line that belongs to it is offered.


class Point:
    def __init__(self, x, y):
        self.x = x
        self.y = y


# 3. Add ", loud=True" to the first call, then begin to write it in the second.

greet("Ada")
greet("Grace")
greet("Barbara")
