"""Torch models of the tasks: find, vet, build, save, load and ask them.

Shared by training and export; importable only with the ``train`` extra.
"""
