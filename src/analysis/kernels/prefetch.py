"""Ask for a row of a large table before it is needed, so that memory answers meanwhile."""

# Numba's own types have no annotations.
# mypy: allow-untyped-defs, allow-untyped-calls, disable-error-code="import-untyped"
# ruff: noqa: ANN001, ANN201, ANN202
from __future__ import annotations

from llvmlite import ir
from numba.core import cgutils, types
from numba.extending import intrinsic

_BYTE, _NUMBER = ir.IntType(8).as_pointer(), ir.IntType(32)
# To be read, and to be kept in the nearest cache.
_HINTS = (_NUMBER(0), _NUMBER(3), _NUMBER(1))


@intrinsic
def prefetch_row(_context, table, row):
    """Ask for the beginning of `table[row]`, two-dimensional; only compiled code can call it.

    It is a hint to the processor and changes no result.
    """

    def generate(context, builder, signature, arguments):
        kind = signature.args[0]
        array = context.make_array(kind)(context, builder, arguments[0])
        place = context.cast(builder, arguments[1], signature.args[1], types.intp)
        first = context.get_constant(types.intp, 0)
        where = cgutils.get_item_pointer(context, builder, kind, array, [place, first])
        hint = ir.FunctionType(ir.VoidType(), [_BYTE, _NUMBER, _NUMBER, _NUMBER])
        function = cgutils.get_or_insert_function(builder.module, hint, "llvm.prefetch.p0i8")
        builder.call(function, [builder.bitcast(where, _BYTE), *_HINTS])
        return context.get_dummy_value()

    return types.void(table, row), generate
