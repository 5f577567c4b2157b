"""Devices, several processes, and bits that are the same each time."""
