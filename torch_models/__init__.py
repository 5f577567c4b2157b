"""Torch models of the three tasks: found, vetted, built, saved, loaded and asked.

Shared by training and export; importable only with the ``train`` extra.
"""
