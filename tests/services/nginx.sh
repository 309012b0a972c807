#!/usr/bin/env bash
# Installs nginx and htpasswd from Debian, for the tests that start an nginx of their own. Usage: tests/services/nginx.sh
. "$(dirname "$0")/service.sh"

command -v nginx >/dev/null || [ -x /usr/sbin/nginx ] || install_package nginx-light
command -v htpasswd >/dev/null || install_package apache2-utils
say "nginx and htpasswd are installed"
