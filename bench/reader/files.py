"""Writes the files that mailflow ships: pieces, their meanings, and the layers."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import torch
from onnxruntime.quantization import QuantType, quantize_dynamic

from bench.reader.base import Base
from bench.reader.net import Net
from bench.reader.pieces import packed
from mailflow.understanding.confirmation import reader

_OPSET = 17


def write_pieces(base: Base, places: Sequence[int], folder: Path) -> None:
    """Write the chosen pieces with their meanings, as they are packed in the base."""
    folder.mkdir(exist_ok=True)
    (folder / reader.PIECES).write_bytes(packed(base, places))
    (folder / reader.MEANINGS).write_bytes(base.meanings[list(places)].tobytes())


def write_layers(net: Net, folder: Path) -> None:
    """Write the layers, their weights in whole numbers of seven bits: alike on every machine."""
    with tempfile.TemporaryDirectory() as scratch:
        whole = Path(scratch) / "whole.onnx"
        torch.onnx.export(
            net.float().eval(),
            (torch.zeros(1, 8, reader.WIDTH),),
            str(whole),
            dynamo=False,
            opset_version=_OPSET,
            input_names=["pieces"],
            output_names=["said"],
            dynamic_axes={"pieces": {1: "count"}},
        )
        quantize_dynamic(
            whole,
            folder / reader.LAYERS,
            per_channel=True,
            reduce_range=True,
            weight_type=QuantType.QInt8,
            op_types_to_quantize=["MatMul"],
            extra_options={"MatMulConstBOnly": True},
        )
