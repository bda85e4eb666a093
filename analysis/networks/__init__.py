"""Measures of a graph of nodes and ties.

Belongs here: graphs from tables of ties, and what a graph library says of them. Does not belong
here: which nodes are cities, and which networks there are.
"""
