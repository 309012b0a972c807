"""What the container of a model and whoever starts it agree on."""

from __future__ import annotations

MODEL_PLACE = "/opt/ml/model"
"""Where the model is in a container; SageMaker puts one there, too."""
PORT = 8080
ENTRYPOINT = ("python", "-m", "windlass_serving.container")
PROCESS_HEADER = "x-windlass-process"
"""The header of every answer that tells which process it comes from, for those that were given a token."""
IMAGE_LABEL = "windlass.image"
"""The label of our images, and of what building them leaves."""
