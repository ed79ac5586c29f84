"""telesign"""
