"""Proof of every figure, and the explanation of a balance."""
