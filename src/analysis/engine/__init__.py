"""Compiled hot loops: numbers and bytes in, numbers out; they know nothing of posts."""
