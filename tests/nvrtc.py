"""NVIDIA's runtime compiler, which needs no GPU: CUDA source to PTX, by way of the library that the wheel brings."""

import ctypes
import importlib.util
from functools import cache
from pathlib import Path


@cache
def library() -> ctypes.CDLL | None:
    """The compiler, or None where its wheel is not installed."""
    try:
        spec = importlib.util.find_spec("nvidia.cuda_nvrtc")
    except ModuleNotFoundError:
        return None
    folders = spec.submodule_search_locations if spec else ()
    files = sorted(file for folder in folders for file in Path(folder, "lib").glob("libnvrtc.so.[0-9]*"))
    return ctypes.CDLL(str(files[0])) if files else None


def ptx(source: str, architecture: str = "compute_70") -> str:
    """The source compiled; SyntaxError with what the compiler says if it does not compile."""
    nvrtc, program = library(), ctypes.c_void_p()
    nvrtc.nvrtcCreateProgram(ctypes.byref(program), source.encode(), b"kernels.cu", 0, None, None)
    options = (ctypes.c_char_p * 2)(f"--gpu-architecture={architecture}".encode(), b"--std=c++17")
    try:
        if nvrtc.nvrtcCompileProgram(program, len(options), options):
            raise SyntaxError(_text(nvrtc, program, "ProgramLog"))
        return _text(nvrtc, program, "PTX")
    finally:
        nvrtc.nvrtcDestroyProgram(ctypes.byref(program))


def _text(nvrtc: ctypes.CDLL, program: ctypes.c_void_p, what: str) -> str:
    size = ctypes.c_size_t()
    getattr(nvrtc, f"nvrtcGet{what}Size")(program, ctypes.byref(size))
    text = ctypes.create_string_buffer(size.value)
    getattr(nvrtc, f"nvrtcGet{what}")(program, text)
    return text.value.decode()
