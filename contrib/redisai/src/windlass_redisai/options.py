"""What `-C` may say about a deployment on RedisAI. The names that MLflow's plugin had mean what they did."""

from __future__ import annotations

from windlass.interfaces import TargetOption, count, seconds
from windlass_redisai.tensor import CODES

OPTIONS = (
    TargetOption(
        name="device",
        meaning="What it runs on.",
        default="CPU",
        pattern=r"CPU|GPU(:[0-9]{1,3})?",
        form="CPU, GPU, or one of several such as GPU:1",
    ),
    TargetOption(
        name="dtype", meaning="What the numbers of requests are.", default="FLOAT", choices=tuple(sorted(CODES))
    ),
    count("outputs", "How many outputs the model has.", default=1, most=100),
    count("batchsize", "How many requests are put together at most.", most=100_000),
    count("minbatchsize", "How many requests are put together at least.", most=100_000),
    TargetOption(name="tag", meaning="A text to be kept with the model."),
    seconds("request_timeout", "Seconds to wait for an answer.", default=30.0),
)
