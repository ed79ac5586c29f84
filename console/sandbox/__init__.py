"""A stand-in for Telesign: real HTTP, real signatures, no account and no network.

``scenarios`` says what can happen, ``plan`` turns a scenario and an order into dated steps,
``telesign`` answers requests and works through the steps, ``callbacks`` tells the relay.
``embedded`` runs all of it with a real relay in one background thread of the console;
``cli`` runs it as a server of its own.
"""
