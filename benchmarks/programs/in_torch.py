"""A known network in PyTorch: channels last, from the weights that scratchnet draws."""

from __future__ import annotations

from typing import Any

import numpy as np

from benchmarks.case import Library, Work
from benchmarks.programs.draws import Array
from benchmarks.programs.networks import EPSILON, NETWORKS, data, model


def _created(layers: list[Any], kind: str) -> list[Any]:
    """The layers of a class as they were made: `conv2d`, `conv2d_1`, `conv2d_2`, …"""
    found = [layer for layer in layers if type(layer).__name__ == kind]
    return sorted(found, key=lambda layer: (len(layer.name), layer.name))


class _ResNet20:
    """The network of `networks.resnet20`, with padding where TensorFlow has it.

    Attributes:
        modules: PyTorch's module by the name of the Keras layer.
    """

    def __init__(self, torch: Any, built: Any) -> None:
        self.torch, self.modules = torch, {}
        self.convs = [self._conv(layer) for layer in _created(built.layers, "Conv2D")]
        self.norms = [self._norm(layer) for layer in _created(built.layers, "BatchNormalization")]
        (dense,) = _created(built.layers, "Dense")
        self.dense = torch.nn.Linear(*dense.kernel.shape)
        self.modules[dense.name] = self.dense
        with torch.no_grad():
            for layer in built.layers:
                if layer.name in self.modules:
                    self._give(self.modules[layer.name], layer.get_weights())

    def _conv(self, layer: Any) -> Any:
        kh, kw, C, O = layer.kernel.shape
        strides = layer.strides[0]
        around = kh // 2 if strides == 1 else 0  # at stride 2 `__call__` pads after the last rows
        conv = self.torch.nn.Conv2d(C, O, (kh, kw), strides, around, bias=False)
        self.modules[layer.name] = conv.to(memory_format=self.torch.channels_last)
        return self.modules[layer.name]

    def _norm(self, layer: Any) -> Any:
        (C,) = layer.gamma.shape
        self.modules[layer.name] = self.torch.nn.BatchNorm2d(C, eps=layer.epsilon, momentum=0.01)
        return self.modules[layer.name]

    def _give(self, module: Any, values: list[Array]) -> None:
        parameters = [module.weight] if module.bias is None else [module.weight, module.bias]
        for parameter, value in zip(parameters, values, strict=False):
            parameter.copy_(self.torch.tensor(_turned(value)))

    def parameters(self) -> list[Any]:
        """What is trained."""
        return [p for module in self.modules.values() for p in module.parameters()]

    def __call__(self, x: Any) -> Any:
        """The logits, in training."""
        relu, pad = self.torch.relu, self.torch.nn.functional.pad
        pairs = iter(zip(self.convs, self.norms, strict=True))

        def normalized(h: Any) -> Any:
            conv, norm = next(pairs)
            if conv.stride[0] == 2 and conv.kernel_size[0] == 3:
                h = pad(h, (0, 1, 0, 1))
            return norm(conv(h))

        h = relu(normalized(x))
        for stage in range(3):
            for block in range(3):
                shortcut = normalized(h) if stage and not block else h
                h = relu(normalized(relu(normalized(h))) + shortcut)
        return self.dense(h.mean((2, 3)))


def _turned(value: Array) -> Array:
    """A kernel of Keras in PyTorch's order: (kh, kw, C, O) -> (O, C, kh, kw), (C, O) -> (O, C)."""
    return value.transpose(3, 2, 0, 1) if value.ndim == 4 else value.T


def _back(value: Array) -> Array:
    """The same the other way round, a copy."""
    value = value.copy()
    return value.transpose(2, 3, 1, 0) if value.ndim == 4 else value.T


def fit(lib: Library, network: str, steps: int) -> Work:
    """The steps of `networks.fit`, as PyTorch's users write them; batches are tensors before.

    Raises:
        ValueError: there is no such network here.
    """
    if network != "resnet20":
        raise ValueError(f"network must be resnet20, received {network!r}")
    import scratchnet

    torch, known = lib.tf, NETWORKS[network]
    built = model(scratchnet, network)
    net = _ResNet20(torch, built)
    # PyTorch adds epsilon after it has undone the bias of the squares, Keras before: the same
    # number in the first step, which is compared.
    rule = torch.optim.Adam(net.parameters(), lr=1e-3, eps=EPSILON / np.sqrt(1 - 0.999))
    x, y = data(known, built, steps)
    batches = []
    for i in range(0, len(x), known.batch):
        images = torch.tensor(x[i : i + known.batch]).permute(0, 3, 1, 2)
        images = images.contiguous(memory_format=torch.channels_last)
        batches.append((images, torch.tensor(y[i : i + known.batch])))

    def step(images: Any, labels: Any) -> float:
        rule.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(images), labels)
        loss.backward()
        rule.step()
        return float(loss.item())

    def values() -> list[Array]:
        names = [layer.name for layer in built.layers if layer.name in net.modules]
        parameters = [p for name in names for p in net.modules[name].parameters()]
        return [_back(p.detach().numpy()).ravel() for p in parameters]

    def check() -> list[Any]:
        before, loss = values(), step(*batches[0])
        return [loss, *(new - old for new, old in zip(values(), before, strict=True))]

    return Work(lambda: sum(step(*batch) for batch in batches), check)
