"""The window: shows state, emits intent. Rules live in the domain and in plain functions."""
