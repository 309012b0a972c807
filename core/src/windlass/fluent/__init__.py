"""The notebook's view: functions that act on the current tracking store, experiment and run.

They take what MLflow's functions of the same name take, so `import windlass as mlflow` is all that a script changes.
"""
