"""How each row of the table of operations can be written: what random programs are made of.

A recipe is the text of an expression; what stands in braces is drawn when it is used (each is a method of Writer).
After ``kinks:`` come the distances from where a slope jumps, for rows that have such places.  An expression is used
only where each of these numbers is exactly 0 or clearly not: else rounding would decide which slope counts.
"""

from typing import NamedTuple

# np.power is not here: of a single number it can differ from ** in the last bit, and both become the same row.
# The largest of an empty row, np.linalg.norm(row, np.inf), is 0 to numpy and an error to fluxlab.
TEXT = """
add             {x} + {y}
                {x} + {n}
                {n} + {x}
                np.add({x}, {y})
                {x} + {whole}
subtract        {x} - {y}
                {n} - {x}
                np.subtract({x}, {y})
multiply        {x} * {y}
                {x} * {n}
                {n} * {x}
                np.multiply({x}, {y})
                {x} * {m}
                {x} * {whole}
                {i} * {n}
divide          {x} / ({y} ** 2 + 0.5)
                {x} / {n}
                {n} / {positive}
                np.divide({x}, {positive})
                {x} / ({whole} + 1)
                {i} / 3
floor_divide    np.floor_divide({x}, {n})                               kinks: steps({x} / {n})
                np.floor_divide({x}, ({y} ** 2 + 0.5))                  kinks: steps({x} / ({y} ** 2 + 0.5))
                {i} // 2
remainder       {x} % {n}                                               kinks: steps({x} / {n})
                np.remainder({x}, ({y} ** 2 + 0.5))                     kinks: steps({x} / ({y} ** 2 + 0.5))
                {i} % 3
power           {positive} ** {y}
                2 ** {x}
                {x} ** 3
                {x} ** 1
                {positive} ** 0.5
                {positive} ** -1.5
negative        -{x}
                np.negative({x})
absolute        abs({x})                                                kinks: {x}
                np.abs({x})                                             kinks: {x}
                abs({i} - 1)
                np.linalg.norm({row}, 1)                                kinks: {row}
sign            np.sign({x})                                            kinks: {x}
                {x} * np.sign({y})                                      kinks: {y}
square          {x} ** 2
                {i} ** 2
                np.square({x})
sqrt            np.sqrt({positive})
cbrt            np.cbrt({positive})
reciprocal      np.reciprocal({positive})
floor           np.floor({x})                                           kinks: steps({x})
ceil            np.ceil({x})                                            kinks: steps({x})
round           np.round({x})                                           kinks: steps(2 * {x})
                np.round({x}, 1)                                        kinks: steps(20 * {x})
                {x}.round(1)                                            kinks: steps(20 * {x})
maximum         np.maximum({x}, {y})                                    kinks: {x} - {y}
                np.maximum({x}, {n})                                    kinks: {x} - {n}
                np.maximum({i}, 1)
                np.clip({x}, {n}, None)                                 kinks: {x} - {n}
                np.maximum({x}, {x})
minimum         np.minimum({x}, {y})                                    kinks: {x} - {y}
                np.clip({x}, None, {n})                                 kinks: {x} - {n}
                np.minimum({n}, {x})                                    kinks: {x} - {n}
clip            np.clip({x}, {y}, {z})                                  kinks: {x} - {y}, {x} - {z}, {y} - {z}
                np.clip({x}, -0.5, 0.75)                                kinks: {x} + 0.5, {x} - 0.75
                {x}.clip(-0.5, 0.75)                                    kinks: {x} + 0.5, {x} - 0.75
exp             np.exp({x})
                np.exp({i} / 2)
exp2            np.exp2({x})
expm1           np.expm1({x})
log             np.log({positive})
log1p           np.log1p({x} ** 2)
log2            np.log2({positive})
log10           np.log10({positive})
logaddexp       np.logaddexp({x}, {y})
sin             np.sin({x})
cos             np.cos({x})
tan             np.tan({inside})
arcsin          np.arcsin({inside})
arccos          np.arccos({inside})
arctan          np.arctan({x})
arctan2         np.arctan2({x}, {y} ** 2 + 0.5)
sinh            np.sinh({x})
cosh            np.cosh({x})
tanh            np.tanh({x})
arcsinh         np.arcsinh({x})
arccosh         np.arccosh({x} ** 2 + 1.5)
arctanh         np.arctanh({inside})
greater         {x} > {y}                                               kinks: {x} - {y}
                {x} * ({x} > {n})                                       kinks: {x} - {n}
greater_equal   {x} >= {y}                                              kinks: {x} - {y}
less            {x} < {y}                                               kinks: {x} - {y}
less_equal      {x} <= {n}                                              kinks: {x} - {n}
equal           {x} == {y}                                              kinks: {x} - {y}
not_equal       {x} != {y}                                              kinks: {x} - {y}
logical_and     np.logical_and({m}, {m2})
logical_or      np.logical_or({m}, {m2})
logical_xor     np.logical_xor({m}, {m2})
logical_not     np.logical_not({m})
bitwise_and     {m} & {m2}
                {i} & 1
bitwise_or      {m} | {m2}
                {i} | 4
bitwise_xor     {m} ^ {m2}
                {i} ^ {i}
invert          ~{m}
                ~{i}
any             np.any({m}, axis={axes}, keepdims={flag})
                {m}.any()
all             np.all({m}, axis={axes})
                {m}.all(axis={axes}, keepdims={flag})
where           np.where({m}, {x}, {y})
                np.where({m}, {n}, {x})
                np.where({x} > {y}, {x}, {y} ** 2)                      kinks: {x} - {y}
                np.where({m}, {i}, {n})
                np.where({i} > 1, {n}, {i})
sum             np.sum({x}, axis={axes}, keepdims={flag})
                {x}.sum()
                {x1}.sum({axis})
                np.sum({i}, axis={axes})
                {m}.sum(axis={axes})
mean            np.mean({x}, axis={axes}, keepdims={flag})
                {x}.mean()
                {m}.mean()
                {i}.mean(axis={axes})
prod            np.prod({x}, axis={axes}, keepdims={flag})
                {x}.prod()
                {x1}.prod(axis={axis})
var             np.var({x}, axis={axes}, keepdims={flag})
                np.var({x}, axis={axes}, ddof=1)
                {x1}.var({axis})
std             np.std({x}, axis={axes}, keepdims={flag})               kinks: np.std({x}, axis={axes})
                {x1}.std(axis={axis}, ddof=1)                           kinks: np.std({x1}, axis={axis})
norm            np.linalg.norm({x1}, axis={axis}, keepdims={flag})      kinks: np.linalg.norm({x1}, axis={axis})
                np.linalg.norm({table})                                 kinks: np.linalg.norm({table})
                np.linalg.norm({x2}, axis=(0, -1))                      kinks: np.linalg.norm({x2}, axis=(0, -1))
                np.linalg.norm({x})                                     kinks: np.linalg.norm({x})
max             np.max({x}, axis={axes}, keepdims={flag})               kinks: apart({x})
                {x}.max()                                               kinks: apart({x})
                np.max({i}, axis={axes})
                np.linalg.norm({row}, np.inf)                           kinks: {row}.max(), {row}, apart(abs({row}))
min             np.min({x}, axis={axes}, keepdims={flag})               kinks: apart({x})
                {x}.min()                                               kinks: apart({x})
argmax          np.argmax({x1}, axis={axis})                            kinks: apart({x1})
                {x}.argmax()                                            kinks: apart({x})
                {i}.argmax()
argmin          np.argmin({x1}, axis={axis}, keepdims={flag})           kinks: apart({x1})
                {x}.argmin()                                            kinks: apart({x})
cumsum          np.cumsum({x1}, axis={axis})
                np.cumsum({x})
                {x1}.cumsum({axis})
                np.cumsum({i})
cumprod         np.cumprod({x1}, axis={axis})
                np.cumprod({x})
                {x1}.cumprod(axis={axis})
matmul          {x1} @ {right}
                np.matmul({x1}, {right})
                {x1} @ {x1}
                {x2} @ np.swapaxes({x2}, -1, -2)
dot             np.dot({x1}, {right})
                np.dot({x}, {n})
                {x1}.dot({right})
vdot            np.vdot({x}, {same})
inner           np.inner({x1}, {inner})
outer           np.outer({x}, {y})
tensordot       np.tensordot({contraction})
                np.tensordot({x1}, {right}, 1)
                np.tensordot({x}, {same}, 0)
                np.tensordot({x2}, {same}, ((0, -1), (0, -1)))
einsum          np.einsum({letters})
                np.einsum('ij,kj', {table}, {inner2})
                np.einsum('...i,i,i->...', {x1}, {inner1}, {inner1})
                np.einsum('...i,...i', {x1}, {same})
transpose       {x}.T
                np.transpose({x})
permute_dims    np.transpose({x}, {order})
                {x1}.transpose({order})
swapaxes        np.swapaxes({x1}, {axis}, {axis2})
                {x1}.swapaxes({axis}, {axis2})
moveaxis        np.moveaxis({x1}, {axis}, {axis2})
                np.moveaxis({x2}, (0, 1), (-1, 0))
reshape         {x}.reshape({new_shape})
                np.reshape({x}, {new_shape})
ravel           {x}.ravel()
                np.ravel({x})
                {x}.flatten()
expand_dims     np.expand_dims({x}, {new_axis})
                np.expand_dims({x}, (0, -1))
squeeze         np.squeeze({x})
                np.squeeze({x1}, {unit_axis})
                {x}.squeeze()
broadcast_to    np.broadcast_to({x}, {wider})
concatenate     np.concatenate([{x1}, {beside}], axis={axis})
                np.concatenate([{x1}, {x1}])
stack           np.stack([{x}, {same}], axis={new_axis})
hstack          np.hstack([{x}, {same}])
                np.hstack([{row}, {number}])
                np.hstack([{row}, {row}, {row}])
vstack          np.vstack([{x}, {same}])
                np.vstack([{row}, {wide}])
tile            np.tile({x}, {reps})
repeat          np.repeat({x1}, 2, axis={axis})
                np.repeat({x}, 3)
                {x1}.repeat(3, axis={axis})
flip            np.flip({x}, {axes})
roll            np.roll({x1}, {k}, axis={axis})
                np.roll({x}, {k})
                np.roll({x2}, (1, {k}), axis=(0, -1))
pad             np.pad({x}, {margins})
                np.pad({x1}, 1)
                np.pad({x1}, 1, constant_values=0.5)
tril            np.tril({x2}, {k})
triu            np.triu({x2}, {k})
                np.triu({x2})
diag            np.diag({table}, {k})
                np.diag({row}, {k})
                np.diagonal({table}, {k})
                {table}.diagonal({k})
trace           np.trace({table}, {k})
                np.trace({table})
                {table}.trace({k})
index           {x1}[{chosen}]
                np.concatenate(np.split({x1}, {parts}, axis={axis})[::-1], axis={axis})
                {x1}[{mask}]
take            np.take({x1}, {places}, axis={axis})
                np.take({x}, {flat_places})
                np.take({x1}, {places}, axis={axis}).sum()
                {x1}.take({places}, axis={axis})
take_along_axis np.take_along_axis({x1}, np.argsort({x1}, axis={axis}), axis={axis})  kinks: apart({x1})
                np.take_along_axis({x1}, np.argmin({x1}, axis={axis}, keepdims=True), {axis})  kinks: apart({x1})
sort            np.sort({x1}, axis={axis})                              kinks: apart({x1})
                np.sort({x1}, axis=None)                                kinks: apart({x1})
                np.sort({i}, axis=None)
argsort         np.argsort({x1}, axis={axis})                           kinks: apart({x1})
                {x1}.argsort(axis={axis})                               kinks: apart({x1})
astype          {m}.astype(float)
                {x}.astype(np.float64)
                {i}.astype(float)
                np.round({x}).astype(int)                               kinks: steps(2 * {x})
ones_like       {x} * np.ones_like({x})
                {x} + np.ones_like({y})
zeros_like      {x} + np.zeros_like({y})
full_like       np.full_like({x}, np.sum({y}))
                np.full_like({x}, {n})
linspace        np.linspace({x}, {y}, 3)
                np.linspace({x}, {n}, 4, endpoint=False)
stop_gradient   {x} * fl.stop_gradient({x})
sigmoid         fl.sigmoid({x})
relu            fl.relu({x})                                            kinks: {x}
leaky_relu      fl.leaky_relu({x})                                      kinks: {x}
                fl.leaky_relu({x}, slope=0.2)                           kinks: {x}
gelu            fl.gelu({x})
silu            fl.silu({x})
softplus        fl.softplus({x})
softmax         fl.softmax({x1})
logsoftmax      fl.logsoftmax({x1})
dropout         fl.dropout({x}, {random}, p=0.5)                        kinks: {random} - 0.5
dropout_off     fl.dropout_off({x})
log_probability fl.log_probability(fl.softmax({x1}))
one_hot         fl.one_hot(np.argmax({x1}, axis={axis}) % 2, n=2)       kinks: apart({x1})
conv2d          fl.conv2d({image}, {kernel})
                fl.conv2d({image}, {kernel}, stride=(2, 1), padding=(0, 1))
max_pool2d      fl.max_pool2d({image}, size=(2, 2), stride=(1, 2))      kinks: apart({image})
avg_pool2d      fl.avg_pool2d({image}, size=(2, 1), stride=(1, 1))
"""


class Recipe(NamedTuple):
    text: str
    kinks: str


def _read(text: str) -> dict[str, list[Recipe]]:
    recipes: dict[str, list[Recipe]] = {}
    row = ""
    for line in text.strip().splitlines():
        row, recipe = line[:16].strip() or row, line[16:]
        expression, _, kinks = recipe.partition("kinks: ")
        recipes.setdefault(row, []).append(Recipe(expression.strip(), kinks))
    return recipes


RECIPES = _read(TEXT)
