"""A machine that follows the program in a checkpoint, and calls nothing.

Pickles are programs for a machine with a stack. This one knows those of
their instructions that build dicts, lists, tuples, strings and numbers. A
name is a string to it, not a thing; where a program calls a name, one of our
own functions is called in its place, or the program is refused. Where it
makes an object, a dict of its attributes is made.
"""

import pickletools

CONSTANTS = {
    "NONE": None,
    "NEWTRUE": True,
    "NEWFALSE": False,
}
VALUES = set(
    "BININT BININT1 BININT2 LONG1 BINFLOAT BINUNICODE SHORT_BINUNICODE "
    "BINSTRING SHORT_BINSTRING BINBYTES SHORT_BINBYTES BINBYTES8".split()
)
EMPTY = {
    "EMPTY_DICT": dict,
    "EMPTY_LIST": list,
    "EMPTY_TUPLE": tuple,
    "EMPTY_SET": list,
}
FIXED_TUPLES = {"TUPLE1": 1, "TUPLE2": 2, "TUPLE3": 3}
# One byte is enough for a dict, which takes eighty.
MOST = 10**6


class Attributes(dict):
    """An object, as the dict of its attributes."""


def run(file, calls, storage=None, classes=()):
    """Follows one program to its end.

    Args:
        file: a binary file, at the beginning of a program. It is left
            behind its end.
        calls: dict from dotted names to the functions that are called in
            their place.
        storage: function of the tuple by which a program refers to the
            bytes of a tensor, or `None` if it must not.
        classes: tuple of strings, beginnings of the dotted names of classes
            of which it may make objects.

    Returns:
        What the program built.

    Raises:
        ValueError: if it does anything not foreseen here, or has more than
            a million instructions.

    Example:

    >>> import io, pickle
    >>> run(io.BytesIO(pickle.dumps({"a": [1, 2.5]}, 2)), {})
    {'a': [1, 2.5]}
    """
    stack, marks, memo = [], [], {}
    for number, (opcode, value, _) in enumerate(pickletools.genops(file)):
        name = opcode.name
        if number >= MOST:
            raise ValueError(f"its program has more than {MOST:,} steps")
        if name in VALUES:
            stack.append(value)
        elif name in CONSTANTS:
            stack.append(CONSTANTS[name])
        elif name in EMPTY:
            stack.append(EMPTY[name]())
        elif name in FIXED_TUPLES:
            stack.append(tuple(_take(stack, FIXED_TUPLES[name])))
        elif name == "MARK":
            marks.append(len(stack))
        elif name in ("BINPUT", "LONG_BINPUT"):
            memo[value] = stack[-1]
        elif name == "MEMOIZE":
            memo[len(memo)] = stack[-1]
        elif name in ("BINGET", "LONG_BINGET"):
            stack.append(memo[value])
        elif name == "GLOBAL":
            stack.append(value.replace(" ", "."))
        elif name == "BINPERSID" and storage:
            stack.append(storage(stack.pop()))
        elif name == "STOP":
            return stack.pop()
        elif name not in ("PROTO", "FRAME"):
            _change(stack, marks, name, calls, classes)
    raise ValueError("its program has no end")


def _change(stack, marks, name, calls, classes):
    """The instructions that take something from the stack."""
    if name == "TUPLE":
        stack.append(tuple(_take(stack, len(stack) - marks.pop())))
    elif name == "APPEND":
        value = stack.pop()
        _last(stack, list).append(value)
    elif name in ("APPENDS", "ADDITEMS"):
        values = _take(stack, len(stack) - marks.pop())
        _last(stack, list).extend(values)
    elif name == "SETITEM":
        key, value = _take(stack, 2)
        put(_last(stack, dict, Attributes), [(key, value)])
    elif name == "SETITEMS":
        values = _take(stack, len(stack) - marks.pop())
        pairs = zip(values[::2], values[1::2], strict=True)
        put(_last(stack, dict, Attributes), pairs)
    elif name == "REDUCE":
        called, arguments = _take(stack, 2)
        if type(called) is not str or called not in calls:
            raise ValueError(f"it calls {called!s:.80}")
        stack.append(calls[called](*arguments))
    elif name == "STACK_GLOBAL":
        stack.append(".".join(_take(stack, 2)))
    elif name == "NEWOBJ":
        made, _ = _take(stack, 2)
        if type(made) is not str or not made.startswith(classes):
            raise ValueError(f"it makes an object of {made!s:.80}")
        stack.append(Attributes())
    elif name == "BUILD":
        state = stack.pop()
        if type(_last(stack, dict, Attributes)) is Attributes:
            # Moved, for of copies a short program could ask for many.
            put(stack[-1], state.items())
            state.clear()
        # Those of a dict are versions of layers, of no use here.
    else:
        raise ValueError(f"its program has the instruction {name}")


def _take(stack, number):
    """Takes as many values from the top of the stack, oldest first."""
    place = len(stack) - number
    if not 0 <= place <= len(stack):
        raise ValueError("its program takes more than it has")
    values = stack[place:]
    del stack[place:]
    return values


def put(target, pairs):
    """Puts pairs of a key and a value into a dict, if keys are harmless."""
    for key, value in pairs:
        # Tuples could be nested so deep that their hash overflows.
        if type(key) not in (str, int):
            raise ValueError(f"it has a key of type {type(key).__name__}")
        target[key] = value


def _last(stack, *kinds):
    if type(stack[-1]) not in kinds:
        raise ValueError(f"it changes a {type(stack[-1]).__name__}")
    return stack[-1]
