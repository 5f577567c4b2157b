"""What burnish and its models consist of (SBOM), and what known vulnerabilities mean (VEX).

Both are CycloneDX 1.6 in JSON, written without a network. The modules need the extra ``train`` or
``serve``, which bring cyclonedx-python-lib: import them inside functions.
"""
