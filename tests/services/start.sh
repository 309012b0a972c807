#!/usr/bin/env bash
# Starts the servers that tests talk to, all of them or those named, and prints the variables by which tests find them:
#   eval "$(tests/services/start.sh)" && uv run pytest; tests/services/stop.sh
set -euo pipefail
cd "$(dirname "$0")"
services=("$@")
[ ${#services[@]} -gt 0 ] || services=(postgresql mariadb oidc s3 gcs azure sftp hdfs yarn elasticsearch docker sagemaker)
for name in "${services[@]}"; do
  url=$(./"$name".sh start)
  echo "export WINDLASS_TEST_${name^^}='$url'"
done
