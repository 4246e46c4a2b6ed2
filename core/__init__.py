"""What every folder shares: ids, errors, the clock and positioned documents.

Imports the standard library and msgspec only; everything may import it.
Start reading at errors.py: an error here is named by what its receiver may do next.
"""
