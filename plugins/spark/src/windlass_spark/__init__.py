"""Projects as applications of Apache Spark, through spark-submit."""
