"""Who is measured.  Each peer is a function ``case → (step, loss)``: step() trains once, loss() waits for the last step
and gives its loss, None where nothing computes one.

Where a peer can use a GPU, its module has ``gpu_peak(run)``: the bytes that the library's pool held at most.
"""

from dataclasses import dataclass
from importlib import import_module
from types import ModuleType

from ..cases import LSTM, MLP


@dataclass(frozen=True)
class Entry:
    module: str
    function: str
    needs: tuple[str, ...]  # the packages it imports
    cases: tuple[type, ...] = (MLP, LSTM)
    devices: str = "cpu gpu"
    slow: bool = False  # its first call takes so long that it runs only where it is asked for by name

    def suits(self, case: MLP | LSTM) -> bool:
        return isinstance(case, self.cases) and ("gpu" if case.gpu else "cpu") in self.devices

    def load(self) -> ModuleType:
        return import_module(f".{self.module}", __name__)


FLUXLAB, FLOOR = "fluxlab", "products alone"

PEERS = {
    FLUXLAB: Entry("fluxlab", "compiled", ("fluxlab",)),
    FLOOR: Entry("products", "products", ("numpy",)),  # on a GPU by PyTorch
    "numpy by hand": Entry("by_hand", "by_hand", ("numpy",), devices="cpu"),
    "autograd": Entry("autograd", "eager", ("autograd",), devices="cpu"),
    "PyTorch": Entry("torch", "eager", ("torch",)),
    "PyTorch nn.LSTM": Entry("torch", "with_nn_lstm", ("torch",), cases=(LSTM,)),
    "PyTorch CUDA graph": Entry("torch", "cuda_graph", ("torch",), devices="gpu"),
    "torch.compile": Entry("torch", "compiled", ("torch",), cases=(MLP,)),
    "torch.compile (unrolled)": Entry("torch", "compiled", ("torch",), cases=(LSTM,), slow=True),
    "JAX": Entry("jax", "jitted", ("jax",)),
    "JAX unrolled": Entry("jax", "unrolled", ("jax",), cases=(LSTM,), slow=True),
    "tinygrad": Entry("tinygrad", "jitted", ("tinygrad",), cases=(MLP,)),
    "tinygrad (unrolled)": Entry("tinygrad", "jitted", ("tinygrad",), cases=(LSTM,), slow=True),
}
