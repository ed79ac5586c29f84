"""The relay: takes Telesign's callbacks from the internet and hands them to consoles in order.

``store`` says what is kept and ``sqlite`` keeps it, ``cursors`` are places in the order,
``app`` speaks HTTP, ``server`` runs it, ``cli`` operates it and ``config`` holds its settings.
"""
