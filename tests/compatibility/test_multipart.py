"""MLflow's client sends and fetches large files in parts."""

from __future__ import annotations

from pathlib import Path

SCRIPT = """
import os, sys
from pathlib import Path
import mlflow

mlflow.set_tracking_uri(sys.argv[1])
content = os.urandom(1_234_567)
Path("weights").write_bytes(content)
with mlflow.start_run() as run:
    mlflow.log_artifact("weights", "model")
back = mlflow.artifacts.download_artifacts(run_id=run.info.run_id, artifact_path="model/weights", dst_path="back")
assert Path(back).read_bytes() == content
print("moved")
"""


def test_a_large_file_goes_up_in_parts(start_server, mlflow_python, run_in, tmp_path):
    server = start_server(tmp_path, arguments=["--access-log"])
    output = run_in(
        mlflow_python,
        SCRIPT,
        server.url,
        MLFLOW_ENABLE_PROXY_MULTIPART_UPLOAD="true",
        MLFLOW_MULTIPART_UPLOAD_MINIMUM_FILE_SIZE="100000",
        MLFLOW_MULTIPART_UPLOAD_CHUNK_SIZE="100000",
        HOME=str(tmp_path),
    )
    assert output.splitlines()[-1] == "moved"
    sent = Path(server.log.name).read_text().count("PUT /api/2.0/mlflow-artifacts/mpu/part/")
    assert sent == 13
