"""Artifacts on HDFS over WebHDFS and libhdfs."""
