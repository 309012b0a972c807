"""Deployments on services whose endpoints may have two models behind them."""
