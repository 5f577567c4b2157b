"""Requests and responses of the tasks: schemas, parsing, and the OpenAPI document."""
