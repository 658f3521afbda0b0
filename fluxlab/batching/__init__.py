"""Batches and sequences: lists of data points over one array."""

from .lists import Batch, DataPoints, Seq, as_given, listed, rawbatch

__all__ = ["Batch", "DataPoints", "Seq", "as_given", "listed", "rawbatch"]
