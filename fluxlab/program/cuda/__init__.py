"""Programs for an NVIDIA GPU: a graph as CUDA kernels and products of cuBLAS."""
