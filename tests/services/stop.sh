#!/usr/bin/env bash
# Stops the servers that start.sh started, all of them or those named, and removes their files.
set -euo pipefail
cd "$(dirname "$0")"
services=("$@")
[ ${#services[@]} -gt 0 ] || services=(postgresql mariadb oidc s3 gcs azure sftp hdfs yarn elasticsearch docker sagemaker)
for name in "${services[@]}"; do ./"$name".sh stop; done
