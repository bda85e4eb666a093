"""What is declared beside sources: indicators, networks, code lists, licences, rates of hosts.

Belongs here: their files, their models, reading them. Does not belong here: sources (`sources`).
"""
