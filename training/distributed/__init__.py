"""Devices, several processes, and reproducible bits."""
