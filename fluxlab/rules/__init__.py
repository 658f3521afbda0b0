"""The shape rules of the operation table, in the same chapters.

A rule takes the inputs of an operation (anything with ``shape`` and ``dtype``) and its attributes, and returns
(shape, dtype).  It raises Mismatch when the shapes do not fit.  Sizes may be names.  Its signature is also how the
operation may be called, with numpy's names for the attributes.
"""

from .dtypes import *
from .elements import *
from .images import *
from .indexing import *
from .layout import *
from .products import *
from .reductions import *
