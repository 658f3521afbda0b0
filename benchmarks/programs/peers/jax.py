"""JAX: the whole step under ``jit``, with the parameters given away so that it may write over them."""

import jax
import jax.numpy as jnp

from ..cases import LSTM, MLP, RATE


def gpu_peak(run) -> int:
    run()
    return jax.devices()[0].memory_stats()["peak_bytes_in_use"]


def jitted(case: MLP | LSTM):
    return training(case, scanned)


def unrolled(case: LSTM):
    return training(case, step_by_step)


def training(case: MLP | LSTM, over_time):
    jax.config.update("jax_default_matmul_precision", "highest")  # float32, where a GPU would take fewer bits
    x, classes = (jax.device_put(array) for array in case.data())
    params = jax.tree.map(jnp.array, case.weights())

    def loss_of(params, x, classes):
        logits = mlp(params, x) if isinstance(case, MLP) else lstm(params, x, over_time)
        logs = jax.nn.log_softmax(logits)
        return -jnp.take_along_axis(logs, classes[..., None], -1).mean()

    def train(params, x, classes):
        loss, grads = jax.value_and_grad(loss_of)(params, x, classes)
        return jax.tree.map(lambda param, grad: param - RATE * grad, params, grads), loss

    train = jax.jit(train, donate_argnums=0)
    state = [params, None]

    def step():
        state[:] = train(state[0], x, classes)

    return step, lambda: float(jax.block_until_ready(state)[1])


def mlp(params, x):
    for i, (W, b) in enumerate(params):
        x = (x if i == 0 else jax.nn.relu(x)) @ W + b
    return x


def lstm(params, x, over_time):
    layers, (W, b) = params
    xs = jnp.swapaxes(x, 0, 1)
    for layer in layers:
        xs = over_time(layer, xs)
    return jnp.swapaxes(xs, 0, 1) @ W + b


def cell(layer, carry, x):
    Wx, Wy, b = layer
    y, cell = carry
    n = y.shape[-1]
    z = x @ Wx + y @ Wy + b  # one product of all xs before the loop, and it took 1.2 times as long
    forget, input, output = jnp.split(jax.nn.sigmoid(z[:, : 3 * n]), 3, axis=-1)
    cell = forget * cell + input * jnp.tanh(z[:, 3 * n :])
    return output * jnp.tanh(cell), cell


def start(layer, xs):
    return (jnp.zeros((xs.shape[1], layer[1].shape[0]), xs.dtype),) * 2


def scanned(layer, xs):
    def step(carry, x):
        carry = cell(layer, carry, x)
        return carry, carry[0]

    return jax.lax.scan(step, start(layer, xs), xs)[1]


def step_by_step(layer, xs):
    carry, ys = start(layer, xs), []
    for x in xs:
        carry = cell(layer, carry, x)
        ys.append(carry[0])
    return jnp.stack(ys)
