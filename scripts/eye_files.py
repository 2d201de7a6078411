"""How the networks that scripts/make_eye.py and scripts/make_mind.py make get into the package, and what they are."""

import hashlib
import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "src/epochsieve/embedding/eye"
OPSET, IR_VERSION = 17, 8


def write_network(part: str, file: str, graph: Any, made: dict[str, Any], more: dict[str, Any]) -> None:
    """Write a graph as ONNX, and what it is into the metadata, where all about the eye's other network stays."""
    import onnx
    from onnx import helper

    opset = [helper.make_opsetid("", OPSET)]
    model = helper.make_model(graph, opset_imports=opset, ir_version=IR_VERSION, producer_name="epochsieve")
    onnx.checker.check_model(model, full_check=True)
    content = bytes(model.SerializeToString(deterministic=True))
    (FOLDER / file).write_bytes(content)
    metadata = FOLDER / "metadata.json"
    stated = json.loads(metadata.read_text("utf-8"))
    stated[part] = {"file": file, "sha256": hashlib.sha256(content).hexdigest(), **made}
    metadata.write_text(json.dumps(stated | more, indent=2) + "\n", "utf-8")
