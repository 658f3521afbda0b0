"""Models that several tests share."""

from fluxlab import Model, net, softmax, σ


@net
class TLP:
    first: Model
    second: Model

    def __call__(self, x):
        l1 = σ(self.first(x))
        return softmax(self.second(l1))
