"""Four floats at once, plain looks at memory: what a compiled loop cannot say itself.

Each function is one or two instructions of the processor. Every lane is rounded as a single
float is.
"""

from __future__ import annotations

from typing import Any

from llvmlite import ir  # type: ignore[import-untyped]
from numba.core import cgutils, types
from numba.extending import intrinsic, models, register_model

_DOUBLES = ir.VectorType(ir.DoubleType(), 4)
# The functions below have no types until they are compiled.
_instruction: Any = intrinsic


class _Lanes(types.Type):
    def __init__(self):
        super().__init__("lanes")


_lanes = _Lanes()


@register_model(_Lanes)
class _LanesModel(models.PrimitiveModel):
    def __init__(self, manager, kind):
        super().__init__(manager, kind, _DOUBLES)


def _place(context, builder, kind, array, index):
    return builder.gep(context.make_array(kind)(context, builder, array).data, [index])


@_instruction
def peek(typing_context, array, index):
    """Return `array[index]`, an index that is known not to be negative.

    Numba asks before each look at memory whether the index counts from the end.
    """

    def emit(context, builder, signature, arguments):
        array_type, index_type = signature.args
        at = context.cast(builder, arguments[1], index_type, types.intp)
        return context.unpack_value(
            builder, array_type.dtype, _place(context, builder, array_type, arguments[0], at)
        )

    return array.dtype(array, index), emit


@_instruction
def poke(typing_context, array, index, value):
    """Write `array[index]`, an index that is known not to be negative."""

    def emit(context, builder, signature, arguments):
        array_type, index_type, value_type = signature.args
        at = context.cast(builder, arguments[1], index_type, types.intp)
        written = context.cast(builder, arguments[2], value_type, array_type.dtype)
        place = _place(context, builder, array_type, arguments[0], at)
        context.pack_value(builder, array_type.dtype, written, place)
        return context.get_dummy_value()

    return types.void(array, index, value), emit


@_instruction
def load(typing_context, array, index):
    """Return the four floats from `array[index]` on."""

    def emit(context, builder, signature, arguments):
        place = _place(context, builder, signature.args[0], *arguments)
        return builder.load(builder.bitcast(place, _DOUBLES.as_pointer()), align=8)

    return _lanes(array, types.intp), emit


@_instruction
def store(typing_context, lanes, array, index):
    """Write the four floats to `array[index]` and on."""

    def emit(context, builder, signature, arguments):
        place = _place(context, builder, signature.args[1], *arguments[1:])
        builder.store(arguments[0], builder.bitcast(place, _DOUBLES.as_pointer()), align=8)
        return context.get_dummy_value()

    return types.void(_lanes, array, types.intp), emit


def _spread(builder, value):
    first, all_first = ir.IntType(32)(0), ir.Constant(ir.VectorType(ir.IntType(32), 4), [0] * 4)
    one = builder.insert_element(ir.Constant(_DOUBLES, ir.Undefined), value, first)
    return builder.shuffle_vector(one, one, all_first)


@_instruction
def spread(typing_context, value):
    """Return four times one float."""

    def emit(context, builder, signature, arguments):
        return _spread(builder, arguments[0])

    return _lanes(types.float64), emit


@_instruction
def repeat(typing_context, lanes, lane):
    """Return four times the float of one lane."""

    def emit(context, builder, signature, arguments):
        return _spread(builder, builder.extract_element(*arguments))

    return _lanes(_lanes, types.intp), emit


@_instruction
def add(typing_context, one, other):
    """Return the four sums."""

    def emit(context, builder, signature, arguments):
        return builder.fadd(*arguments)

    return _lanes(_lanes, _lanes), emit


@_instruction
def times(typing_context, one, other):
    """Return the four products."""

    def emit(context, builder, signature, arguments):
        return builder.fmul(*arguments)

    return _lanes(_lanes, _lanes), emit


@_instruction
def larger(typing_context, one, other):
    """Return the larger of each two."""

    def emit(context, builder, signature, arguments):
        return builder.select(builder.fcmp_ordered(">", *arguments), *arguments)

    return _lanes(_lanes, _lanes), emit


@_instruction
def smaller(typing_context, one, other):
    """Return the smaller of each two."""

    def emit(context, builder, signature, arguments):
        return builder.select(builder.fcmp_ordered("<", *arguments), *arguments)

    return _lanes(_lanes, _lanes), emit


@_instruction
def which_above(typing_context, one, other):
    """Return a bit for each lane: whether `one` is above `other` there."""

    def emit(context, builder, signature, arguments):
        above = builder.fcmp_ordered(">", *arguments)
        return builder.zext(builder.bitcast(above, ir.IntType(4)), ir.IntType(64))

    return types.int64(_lanes, _lanes), emit


@_instruction
def prefetch(typing_context, array, index):
    """Begin to fetch `array[index]` into the cache, and go on at once; no value changes."""

    def emit(context, builder, signature, arguments):
        place = _place(context, builder, signature.args[0], *arguments)
        byte, flag = ir.IntType(8).as_pointer(), ir.IntType(32)
        hint = ir.FunctionType(ir.VoidType(), [byte, flag, flag, flag])
        function = cgutils.get_or_insert_function(builder.module, hint, "llvm.prefetch.p0")
        # For reading, into all caches, data.
        builder.call(function, [builder.bitcast(place, byte), flag(0), flag(3), flag(1)])
        return context.get_dummy_value()

    return types.void(array, types.intp), emit
