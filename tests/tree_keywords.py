"""Keyword arguments set and removed in the tree: what the edits of the text are held against."""

from __future__ import annotations

import libcst as cst

from fumehood.arguments import is_bare_generator, keyword_index

_NONE = cst.SimpleWhitespace("")
_TIGHT = cst.AssignEqual(whitespace_before=_NONE, whitespace_after=_NONE)


def with_keyword(call: cst.Call, name: str, value: str) -> cst.Call:
    """The call with `name=value`, in place of the keyword's value or behind the last argument.

    `value` is source text. A trailing comma stays one; a bare generator gets its parentheses.
    """
    expression = cst.parse_expression(value)
    args = list(call.args)
    index = keyword_index(call, name)
    if index is not None:
        args[index] = args[index].with_changes(value=expression)
        return call.with_changes(args=args)
    new = cst.Arg(keyword=cst.Name(name), value=expression, equal=_TIGHT)
    if args:
        last = args[-1]
        new = new.with_changes(comma=last.comma, whitespace_after_arg=last.whitespace_after_arg)
        args[-1] = last.with_changes(comma=_comma_between(call), whitespace_after_arg=_NONE)
    if is_bare_generator(call):
        generator = args[0].value.with_changes(lpar=[cst.LeftParen()], rpar=[cst.RightParen()])
        args[0] = args[0].with_changes(value=generator)
    return call.with_changes(args=[*args, new])


def without_keyword(call: cst.Call, name: str) -> cst.Call:
    """The call without the keyword argument; the same where it has none of that name."""
    index = keyword_index(call, name)
    if index is None:
        return call
    args = list(call.args)
    gone = args.pop(index)
    if not args:
        return call.with_changes(args=(), whitespace_before_args=_NONE)
    if index == len(args):
        args[-1] = args[-1].with_changes(
            comma=gone.comma, whitespace_after_arg=gone.whitespace_after_arg
        )
    return call.with_changes(args=args)


def _comma_between(call: cst.Call) -> cst.Comma:
    """A comma as it stands between this call's arguments."""
    if len(call.args) > 1 and isinstance(call.args[-2].comma, cst.Comma):
        return call.args[-2].comma
    if isinstance(call.whitespace_before_args, cst.ParenthesizedWhitespace):
        return cst.Comma(whitespace_after=call.whitespace_before_args)
    return cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
